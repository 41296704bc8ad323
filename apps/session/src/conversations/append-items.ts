import { Inject, Injectable } from '@nestjs/common';
import { DomainError, type ParsedRequestOf } from '@trivium/contracts';
import type { appendItems, Item } from '@trivium/contracts/session';
import { Database, type Queryable } from '../database/database.js';
import { notFound, UNIX_SECONDS } from '../database/page.js';
import { appendConflicted, itemsAppended } from '../events.js';
import { draftItems, itemsParameter, placeItems, WRITE_ITEMS } from './write-items.js';

/**
 * Takes the next sequence numbers: the row lock orders the writers, and the numbers of one that
 * fails are given back, so there is no gap. $1 tenant, $2 items, $3 conversation, $4 expected head.
 */
export const ADVANCE_HEAD = `
  UPDATE session.conversation SET head = head + jsonb_array_length($2::jsonb)
  WHERE tenant = $1 AND id = $3 AND ($4::integer IS NULL OR head = $4::integer)
  RETURNING id, head, head - jsonb_array_length($2::jsonb) AS before`;

const APPEND = `
  WITH advanced AS (${ADVANCE_HEAD}),
  place AS (SELECT id AS conversation_id, before, NULL::text AS response_id FROM advanced),
  ${WRITE_ITEMS}
  SELECT head, before, ${UNIX_SECONDS('now()')} AS "createdAt" FROM advanced`;

@Injectable()
export class AppendItems {
  constructor(@Inject(Database) private readonly database: Database) {}

  async execute(
    { conversationId, items, expectedHead }: ParsedRequestOf<typeof appendItems>,
    tenant: string,
  ): Promise<{ items: Item[]; head: number }> {
    const drafts = draftItems(items);
    const [placed] = await this.database.query<{ head: number; before: number; createdAt: number }>(APPEND, [
      tenant,
      itemsParameter(drafts),
      conversationId,
      expectedHead ?? null,
    ]);
    if (placed === undefined) throw await whyNotAppended(this.database, tenant, conversationId);
    itemsAppended(drafts.length, 'conversation');
    return { items: placeItems(drafts, { ...placed, responseId: null }), head: placed.head };
  }
}

/** An append that found no row to advance: the conversation is missing, or its head is another one. */
export async function whyNotAppended(
  database: Queryable,
  tenant: string,
  conversationId: string,
): Promise<DomainError> {
  const [conversation] = await database.query<{ head: number }>(
    `SELECT head FROM session.conversation WHERE tenant = $1 AND id = $2`,
    [tenant, conversationId],
  );
  if (conversation === undefined) return notFound('conversation');
  appendConflicted();
  return new DomainError('conflict', 'The conversation went on in the meantime', {
    param: 'expectedHead',
    details: { head: conversation.head },
  });
}
