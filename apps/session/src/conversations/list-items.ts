import { Inject, Injectable } from '@nestjs/common';
import type { ParsedRequestOf } from '@trivium/contracts';
import type { Item, listItems } from '@trivium/contracts/session';
import { Database } from '../database/database.js';
import { cutPage, notFound, ORDER, unknownCursor } from '../database/page.js';
import { ITEM_COLUMNS, type ItemRow, toItem } from './read-items.js';

const START = `
  SELECT (SELECT i.sequence FROM session.item i
          WHERE i.tenant = $1 AND i.conversation_id = $2 AND i.id = $3) AS after
  FROM session.conversation WHERE tenant = $1 AND id = $2`;

const page = (order: 'asc' | 'desc') => `
  SELECT ${ITEM_COLUMNS} FROM session.item i
  WHERE i.tenant = $1 AND i.conversation_id = $2
    AND ($3::integer IS NULL OR i.sequence ${ORDER[order].beyond} $3::integer)
  ORDER BY i.sequence ${ORDER[order].direction} LIMIT $4`;

const PAGE = { asc: page('asc'), desc: page('desc') };

@Injectable()
export class ListItems {
  constructor(@Inject(Database) private readonly database: Database) {}

  async execute(
    { conversationId, after, limit, order }: ParsedRequestOf<typeof listItems>,
    tenant: string,
  ): Promise<{ items: Item[]; hasMore: boolean }> {
    const [start] = await this.database.query<{ after: number | null }>(START, [
      tenant,
      conversationId,
      after ?? null,
    ]);
    if (start === undefined) throw notFound('conversation');
    if (after !== undefined && start.after === null) throw unknownCursor();
    const found = await this.database.query<ItemRow>(PAGE[order], [
      tenant,
      conversationId,
      start.after,
      limit + 1,
    ]);
    const { rows, hasMore } = cutPage(found, limit);
    return { items: rows.map(toItem), hasMore };
  }
}
