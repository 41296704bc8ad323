import { Inject, Injectable } from '@nestjs/common';
import type { ParsedRequestOf } from '@trivium/contracts';
import type { Conversation, updateConversation } from '@trivium/contracts/session';
import { Database } from '../database/database.js';
import { notFound } from '../database/page.js';
import { CONVERSATION_COLUMNS } from './conversation-row.js';

const UPDATE = `
  UPDATE session.conversation SET metadata = $3::jsonb
  WHERE tenant = $1 AND id = $2
  RETURNING ${CONVERSATION_COLUMNS}`;

/** Replaces the metadata as a whole. */
@Injectable()
export class UpdateConversation {
  constructor(@Inject(Database) private readonly database: Database) {}

  async execute(
    { conversationId, metadata }: ParsedRequestOf<typeof updateConversation>,
    tenant: string,
  ): Promise<Conversation> {
    const [conversation] = await this.database.query<Conversation>(UPDATE, [
      tenant,
      conversationId,
      JSON.stringify(metadata),
    ]);
    if (conversation === undefined) throw notFound('conversation');
    return conversation;
  }
}
