import { Inject, Injectable } from '@nestjs/common';
import type { ParsedRequestOf, ReplyOf } from '@trivium/contracts';
import type { loadHistory } from '@trivium/contracts/session';
import { ITEM_COLUMNS, type ItemRow, toItem } from '../conversations/read-items.js';
import { Database } from '../database/database.js';
import { notFound } from '../database/page.js';

type History = ReplyOf<typeof loadHistory>;

const HEAD = `SELECT head FROM session.conversation WHERE tenant = $1 AND id = $2`;

const NEWEST_OF_CONVERSATION = `
  SELECT ${ITEM_COLUMNS} FROM session.item i
  WHERE i.tenant = $1 AND i.conversation_id = $2 AND i.sequence <= $3
  ORDER BY i.sequence DESC LIMIT $4`;

const RESPONSE = `SELECT 1 FROM session.response WHERE tenant = $1 AND id = $2 AND deleted_at IS NULL`;

/** A chain of deleted responses holds no items; this ends the walk through one. */
const LONGEST_CHAIN = 1_000;

/**
 * Walks back until there are items enough. A response that was deleted since is stepped over; one
 * that belongs to a conversation ends the walk with what the conversation held right after it.
 */
const NEWEST_OF_CHAIN = `
  WITH RECURSIVE chain AS (
    SELECT r.id, r.previous_response_id, r.conversation_id, r.head, r.item_count AS found, 1 AS depth
    FROM session.response r WHERE r.tenant = $1 AND r.id = $2
    UNION ALL
    SELECT r.id, r.previous_response_id, r.conversation_id, r.head, chain.found + r.item_count,
           chain.depth + 1
    FROM chain JOIN session.response r ON r.tenant = $1 AND r.id = chain.previous_response_id
    WHERE chain.conversation_id IS NULL AND chain.found < $3 AND chain.depth < ${LONGEST_CHAIN}
  ),
  reached AS (
    SELECT i.*, chain.depth
    FROM chain JOIN session.item i ON i.tenant = $1 AND i.response_id = chain.id
    WHERE chain.conversation_id IS NULL
    UNION ALL
    SELECT i.*, chain.depth
    FROM chain CROSS JOIN LATERAL (
      SELECT * FROM session.item
      WHERE tenant = $1 AND conversation_id = chain.conversation_id AND sequence <= chain.head
      ORDER BY sequence DESC LIMIT $3
    ) i
  )
  SELECT ${ITEM_COLUMNS} FROM reached i
  ORDER BY i.depth, i.sequence DESC, i.direction DESC, i.position DESC LIMIT $3`;

@Injectable()
export class LoadHistory {
  constructor(@Inject(Database) private readonly database: Database) {}

  execute(request: ParsedRequestOf<typeof loadHistory>, tenant: string): Promise<History> {
    return 'conversationId' in request
      ? this.#ofConversation(request.conversationId, request.limit, tenant)
      : this.#ofResponse(request.previousResponseId, request.limit, tenant);
  }

  async #ofConversation(conversationId: string, limit: number, tenant: string): Promise<History> {
    const [conversation] = await this.database.query<{ head: number }>(HEAD, [tenant, conversationId]);
    if (conversation === undefined) throw notFound('conversation');
    // Not past that head, so that an append in between cannot make the two disagree.
    const { head } = conversation;
    const rows = await this.database.query<ItemRow>(NEWEST_OF_CONVERSATION, [
      tenant,
      conversationId,
      head,
      limit,
    ]);
    return { items: rows.reverse().map(toItem), head };
  }

  async #ofResponse(responseId: string, limit: number, tenant: string): Promise<History> {
    const [response] = await this.database.query(RESPONSE, [tenant, responseId]);
    if (response === undefined) throw notFound('response');
    const rows = await this.database.query<ItemRow>(NEWEST_OF_CHAIN, [tenant, responseId, limit]);
    return { items: rows.reverse().map(toItem), head: 0 };
  }
}
