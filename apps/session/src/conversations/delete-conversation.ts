import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { notFound } from '../database/page.js';

/** Its items and the responses made in it go with it. */
const DELETE = `DELETE FROM session.conversation WHERE tenant = $1 AND id = $2 RETURNING id`;

@Injectable()
export class DeleteConversation {
  constructor(@Inject(Database) private readonly database: Database) {}

  async execute(
    { conversationId }: { readonly conversationId: string },
    tenant: string,
  ): Promise<{ id: string; deleted: boolean }> {
    const [deleted] = await this.database.query<{ id: string }>(DELETE, [tenant, conversationId]);
    if (deleted === undefined) throw notFound('conversation');
    return { id: deleted.id, deleted: true };
  }
}
