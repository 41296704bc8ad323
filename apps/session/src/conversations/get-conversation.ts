import { Inject, Injectable } from '@nestjs/common';
import type { Conversation } from '@trivium/contracts/session';
import { Database } from '../database/database.js';
import { notFound } from '../database/page.js';
import { CONVERSATION_COLUMNS } from './conversation-row.js';

const GET = `SELECT ${CONVERSATION_COLUMNS} FROM session.conversation WHERE tenant = $1 AND id = $2`;

@Injectable()
export class GetConversation {
  constructor(@Inject(Database) private readonly database: Database) {}

  async execute(
    { conversationId }: { readonly conversationId: string },
    tenant: string,
  ): Promise<Conversation> {
    const [conversation] = await this.database.query<Conversation>(GET, [tenant, conversationId]);
    if (conversation === undefined) throw notFound('conversation');
    return conversation;
  }
}
