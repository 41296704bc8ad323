import { Inject, Injectable } from '@nestjs/common';
import type { ParsedRequestOf } from '@trivium/contracts';
import type { getItem, Item } from '@trivium/contracts/session';
import { Database } from '../database/database.js';
import { notFound } from '../database/page.js';
import { ITEM_COLUMNS, type ItemRow, toItem } from './read-items.js';

const GET = `
  SELECT ${ITEM_COLUMNS} FROM session.item i
  WHERE i.tenant = $1 AND i.conversation_id = $2 AND i.id = $3`;

@Injectable()
export class GetItem {
  constructor(@Inject(Database) private readonly database: Database) {}

  async execute({ conversationId, itemId }: ParsedRequestOf<typeof getItem>, tenant: string): Promise<Item> {
    const [row] = await this.database.query<ItemRow>(GET, [tenant, conversationId, itemId]);
    if (row === undefined) throw notFound('item');
    return toItem(row);
  }
}
