import { Inject, Injectable } from '@nestjs/common';
import { DomainError, type ParsedRequestOf, type PayloadOf, type ReplyOf } from '@trivium/contracts';
import { type appendTurn, turnAppended } from '@trivium/contracts/session';
import { ADVANCE_HEAD, whyNotAppended } from '../conversations/append-items.js';
import {
  type DraftItem,
  draftItems,
  itemsParameter,
  placeItems,
  WRITE_ITEMS,
} from '../conversations/write-items.js';
import { Database } from '../database/database.js';
import { newId } from '../database/identifier.js';
import { notFound, UNIX_SECONDS } from '../database/page.js';
import { appendConflicted, itemsAppended } from '../events.js';
import { OutboxRelay } from '../outbox/outbox-relay.js';
import { loadResponse } from './load-response.js';

type Turn = ParsedRequestOf<typeof appendTurn>;
type Appended = ReplyOf<typeof appendTurn>;

/**
 * The head, the response, its items and the event in one statement. $1 tenant, $2 items,
 * $3 conversation, $4 expected head, $6 previous response. `advance` answers no row when the turn
 * may not be written where it wants to go; the caller finds out why.
 */
const write = (advance: string) => `
  WITH advanced AS (${advance}),
  response AS (
    INSERT INTO session.response (tenant, id, conversation_id, previous_response_id, status, model,
      finish_reason, input_tokens, output_tokens, metadata, head, item_count)
    SELECT $1, $5, advanced.id, $6, $7, $8, $9, $10, $11, $12::jsonb, advanced.head,
           jsonb_array_length($2::jsonb)
    FROM advanced
    ON CONFLICT (tenant, id) DO NOTHING
    RETURNING id, created_at
  ),
  place AS (
    SELECT advanced.id AS conversation_id, advanced.before, response.id AS response_id
    FROM advanced, response
  ),
  ${WRITE_ITEMS},
  event AS (
    INSERT INTO session.outbox (id, tenant, subject, payload)
    SELECT $13, $1, $14, $15::jsonb
           || jsonb_build_object('head', advanced.head, 'at', ${UNIX_SECONDS('response.created_at')})
    FROM advanced, response
  )
  SELECT advanced.head, advanced.before, ${UNIX_SECONDS('response.created_at')} AS "createdAt"
  FROM advanced LEFT JOIN response ON true`;

/** Outside a conversation there is no head but zero, and the response that is followed must be there. */
const STAND_ALONE = `
  SELECT $3::text AS id, 0 AS head, NULL::integer AS before
  WHERE coalesce($4::integer, 0) = 0 AND ($6::text IS NULL OR EXISTS (
    SELECT FROM session.response WHERE tenant = $1 AND id = $6 AND deleted_at IS NULL))`;

const WRITE_TO_CONVERSATION = write(ADVANCE_HEAD);
const WRITE_ALONE = write(STAND_ALONE);

interface Written {
  readonly head: number;
  readonly before: number | null;
  readonly createdAt: number;
}

/** The head moved before the response id turned out to be taken: that has to be taken back. */
interface Taken extends Omit<Written, 'createdAt'> {
  readonly createdAt: null;
}

@Injectable()
export class AppendTurn {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(OutboxRelay) private readonly relay: OutboxRelay,
  ) {}

  async execute(turn: Turn, tenant: string): Promise<Appended> {
    if (turn.conversationId !== undefined && turn.previousResponseId !== undefined) {
      throw new DomainError('invalid_request', 'A turn follows a conversation or a response, not both', {
        param: 'previousResponseId',
      });
    }
    const drafts = [...draftItems(turn.input, 'input'), ...draftItems(turn.output, 'output')];
    const written = await this.#write(turn, drafts, tenant);
    if (!isKept(written)) return this.#answerFirst(turn, tenant);
    itemsAppended(drafts.length, turn.conversationId === undefined ? 'response' : 'conversation');
    this.relay.wake();
    return answer(turn, drafts, written);
  }

  async #write(
    turn: Turn,
    drafts: readonly DraftItem[],
    tenant: string,
  ): Promise<Written | Taken | undefined> {
    const parameters = writeParameters(turn, drafts, tenant);
    const sql = turn.conversationId === undefined ? WRITE_ALONE : WRITE_TO_CONVERSATION;
    return this.database.transaction(
      async (transaction) => (await transaction.query<Written | Taken>(sql, parameters))[0],
      isKept,
    );
  }

  /** Nothing was written: the turn was appended before, or it cannot be. */
  async #answerFirst(turn: Turn, tenant: string): Promise<Appended> {
    const first = await loadResponse(this.database, tenant, turn.responseId);
    if (first === undefined) throw await this.#whyNotWritten(turn, tenant);
    if (first.deleted) {
      throw new DomainError('conflict', 'The response was deleted', {
        param: 'responseId',
        retryable: false,
      });
    }
    return { response: first.response, head: first.head };
  }

  async #whyNotWritten(turn: Turn, tenant: string): Promise<DomainError> {
    if (turn.conversationId !== undefined) {
      return whyNotAppended(this.database, tenant, turn.conversationId);
    }
    if ((turn.expectedHead ?? 0) === 0) return notFound('response');
    appendConflicted();
    return new DomainError('conflict', 'Outside a conversation the head is always 0', {
      param: 'expectedHead',
      retryable: false,
      details: { head: 0 },
    });
  }
}

function isKept(written: Written | Taken | undefined): written is Written {
  return written !== undefined && written.createdAt !== null;
}

function writeParameters(turn: Turn, drafts: readonly DraftItem[], tenant: string): unknown[] {
  const messageId = newId('evt');
  const event: Omit<PayloadOf<typeof turnAppended>, 'head' | 'at'> = {
    messageId,
    tenant,
    responseId: turn.responseId,
    conversationId: turn.conversationId ?? null,
    model: turn.model,
    usage: turn.usage,
  };
  return [
    tenant,
    itemsParameter(drafts),
    turn.conversationId ?? null,
    turn.expectedHead ?? null,
    turn.responseId,
    turn.previousResponseId ?? null,
    turn.status,
    turn.model,
    turn.finishReason,
    turn.usage.inputTokens,
    turn.usage.outputTokens,
    JSON.stringify(turn.metadata),
    messageId,
    turnAppended.subject,
    JSON.stringify(event),
  ];
}

function answer(turn: Turn, drafts: readonly DraftItem[], { head, before, createdAt }: Written): Appended {
  const items = placeItems(drafts, { before, responseId: turn.responseId, createdAt });
  return {
    head,
    response: {
      id: turn.responseId,
      createdAt,
      status: turn.status,
      model: turn.model,
      conversationId: turn.conversationId ?? null,
      previousResponseId: turn.previousResponseId ?? null,
      finishReason: turn.finishReason,
      usage: turn.usage,
      metadata: turn.metadata,
      output: items.slice(turn.input.length),
    },
  };
}
