import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { notFound } from '../database/page.js';

/**
 * What was said is erased, except what a conversation holds as its own. The row stays, without
 * content, so that responses that follow it keep what was said before it.
 */
const DELETE = `
  WITH deleted AS (
    UPDATE session.response SET deleted_at = now(), metadata = '{}', item_count = 0
    WHERE tenant = $1 AND id = $2 AND deleted_at IS NULL
    RETURNING id
  ),
  erased AS (
    DELETE FROM session.item i USING deleted
    WHERE i.tenant = $1 AND i.response_id = deleted.id AND i.conversation_id IS NULL
  ),
  kept AS (
    UPDATE session.item i SET response_id = NULL, direction = NULL FROM deleted
    WHERE i.tenant = $1 AND i.response_id = deleted.id AND i.conversation_id IS NOT NULL
  )
  SELECT id FROM deleted`;

@Injectable()
export class DeleteResponse {
  constructor(@Inject(Database) private readonly database: Database) {}

  async execute(
    { responseId }: { readonly responseId: string },
    tenant: string,
  ): Promise<{ id: string; deleted: boolean }> {
    const [deleted] = await this.database.query<{ id: string }>(DELETE, [tenant, responseId]);
    if (deleted === undefined) throw notFound('response');
    return { id: deleted.id, deleted: true };
  }
}
