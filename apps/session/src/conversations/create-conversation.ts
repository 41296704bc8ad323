import type { ParsedRequestOf } from '@trivium/contracts';
import type { Conversation, createConversation } from '@trivium/contracts/session';
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { newId } from '../database/identifier.js';
import { itemsAppended } from '../events.js';
import { CONVERSATION_COLUMNS } from './conversation-row.js';
import { draftItems, itemsParameter, WRITE_ITEMS } from './write-items.js';

const CREATE = `
  WITH conversation AS (
    INSERT INTO session.conversation (tenant, id, metadata, head)
    VALUES ($1, $3, $4::jsonb, jsonb_array_length($2::jsonb))
    RETURNING *
  ),
  place AS (
    SELECT id AS conversation_id, 0 AS before, NULL::text AS response_id FROM conversation
  ),
  ${WRITE_ITEMS}
  SELECT ${CONVERSATION_COLUMNS} FROM conversation`;

@Injectable()
export class CreateConversation {
  constructor(@Inject(Database) private readonly database: Database) {}

  async execute(
    { metadata, items }: ParsedRequestOf<typeof createConversation>,
    tenant: string,
  ): Promise<Conversation> {
    const drafts = draftItems(items);
    const [conversation] = await this.database.query<Conversation>(CREATE, [
      tenant,
      itemsParameter(drafts),
      newId('conv'),
      JSON.stringify(metadata),
    ]);
    if (conversation === undefined) throw new Error('INSERT answered no row');
    itemsAppended(drafts.length, 'conversation');
    return conversation;
  }
}
