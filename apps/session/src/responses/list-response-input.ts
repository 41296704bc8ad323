import { Inject, Injectable } from '@nestjs/common';
import type { ParsedRequestOf, ReplyOf } from '@trivium/contracts';
import type { listResponseInput } from '@trivium/contracts/session';
import { ITEM_COLUMNS, type ItemRow, toItem } from '../conversations/read-items.js';
import { Database } from '../database/database.js';
import { cutPage, notFound, ORDER, unknownCursor } from '../database/page.js';

const START = `
  SELECT (SELECT i.position FROM session.item i
          WHERE i.tenant = $1 AND i.response_id = $2 AND i.direction = 'input' AND i.id = $3) AS after
  FROM session.response WHERE tenant = $1 AND id = $2 AND deleted_at IS NULL`;

const page = (order: 'asc' | 'desc') => `
  SELECT ${ITEM_COLUMNS} FROM session.item i
  WHERE i.tenant = $1 AND i.response_id = $2 AND i.direction = 'input'
    AND ($3::integer IS NULL OR i.position ${ORDER[order].beyond} $3::integer)
  ORDER BY i.position ${ORDER[order].direction} LIMIT $4`;

const PAGE = { asc: page('asc'), desc: page('desc') };

@Injectable()
export class ListResponseInput {
  constructor(@Inject(Database) private readonly database: Database) {}

  async execute(
    { responseId, after, limit, order }: ParsedRequestOf<typeof listResponseInput>,
    tenant: string,
  ): Promise<ReplyOf<typeof listResponseInput>> {
    const [start] = await this.database.query<{ after: number | null }>(START, [
      tenant,
      responseId,
      after ?? null,
    ]);
    if (start === undefined) throw notFound('response');
    if (after !== undefined && start.after === null) throw unknownCursor();
    const found = await this.database.query<ItemRow>(PAGE[order], [
      tenant,
      responseId,
      start.after,
      limit + 1,
    ]);
    const { rows, hasMore } = cutPage(found, limit);
    return { items: rows.map(toItem), hasMore };
  }
}
