import type { StoredResponse } from '@trivium/contracts/session';
import { ITEM_COLUMNS, type ItemRow, toItem } from '../conversations/read-items.js';
import type { Queryable } from '../database/database.js';
import { UNIX_SECONDS } from '../database/page.js';

const RESPONSE = `
  SELECT r.id, ${UNIX_SECONDS('r.created_at')} AS "createdAt", r.status, r.model,
         r.conversation_id AS "conversationId", r.previous_response_id AS "previousResponseId",
         r.finish_reason AS "finishReason",
         json_build_object('inputTokens', r.input_tokens, 'outputTokens', r.output_tokens) AS usage,
         r.metadata, r.head, r.deleted_at IS NOT NULL AS deleted
  FROM session.response r WHERE r.tenant = $1 AND r.id = $2`;

const OUTPUT = `
  SELECT ${ITEM_COLUMNS} FROM session.item i
  WHERE i.tenant = $1 AND i.response_id = $2 AND i.direction = 'output'
  ORDER BY i.position`;

interface ResponseRow extends Omit<StoredResponse, 'output'> {
  readonly head: number;
  readonly deleted: boolean;
}

export interface LoadedResponse {
  readonly response: StoredResponse;
  /** Head of the conversation right after the turn; 0 outside a conversation. */
  readonly head: number;
  readonly deleted: boolean;
}

/** The response with its output, also one that was deleted: the caller decides what that means. */
export async function loadResponse(
  database: Queryable,
  tenant: string,
  responseId: string,
): Promise<LoadedResponse | undefined> {
  const [row] = await database.query<ResponseRow>(RESPONSE, [tenant, responseId]);
  if (row === undefined) return undefined;
  const items = await database.query<ItemRow>(OUTPUT, [tenant, responseId]);
  const { head, deleted, ...response } = row;
  return { response: { ...response, output: items.map(toItem) }, head, deleted };
}
