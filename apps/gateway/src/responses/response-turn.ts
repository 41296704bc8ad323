import { DomainError } from '@trivium/contracts';
import type { ParamNames } from '../converse/caller-params.js';
import { checkTools } from '../converse/check-tools.js';
import type { Turn } from '../converse/converse.js';
import { present } from '../converse/parameters.js';
import type { Exchange } from '../http/exchange.js';
import { takeItems } from '../items/take-items.js';
import type { TakeMedia } from '../media/take-media.js';
import type { ResponseRequest } from './response-request.js';

export interface TurnIds {
  readonly responseId: string;
  readonly itemId: string;
}

/** What errors of the services blame, as a request for a response calls it. */
export const RESPONSE_PARAMS: ParamNames = [
  [/^max_tokens$/, 'max_output_tokens'],
  [/^reasoning_effort$/, 'reasoning.effort'],
  [/^response_format(?:\.json_schema)?/, 'text.format'],
  [/^(tools\[\d+\])\.function/, '$1'],
  [/^tool_choice\.function/, 'tool_choice'],
  [/^messages\b.*/, 'input'],
];

/** A request for a response in the words of the router. */
export async function responseTurn(
  request: ResponseRequest,
  ids: TurnIds,
  media: TakeMedia,
  exchange: Exchange,
): Promise<Turn> {
  const state = turnState(request, ids);
  const { input, tool_choice, text } = request;
  checkTools(request.tools?.map(({ name }) => name) ?? [], tool_choice, {
    name: (index) => `tools[${index}].name`,
    choice: 'tool_choice.name',
  });
  return {
    model: request.model,
    messages:
      typeof input === 'string'
        ? [{ role: 'user', content: [{ type: 'text', text: input }] }]
        : await takeItems(input, 'input', media, exchange, state !== undefined),
    sampling: present({
      maxTokens: request.max_output_tokens,
      temperature: request.temperature,
      topP: request.top_p,
      topK: request.top_k,
      minP: request.min_p,
      repetitionPenalty: request.repetition_penalty,
      reasoningEffort: request.reasoning?.effort,
    }),
    ...present({
      instructions: request.instructions,
      tools: request.tools?.map(({ type: _, ...tool }) => present(tool)),
      toolChoice: typeof tool_choice === 'object' && tool_choice ? { name: tool_choice.name } : tool_choice,
      parallelToolCalls: request.parallel_tool_calls,
      responseFormat: text?.format && takeFormat(text.format),
      state,
    }),
  };
}

function turnState(request: ResponseRequest, { responseId, itemId }: TurnIds): Turn['state'] {
  const { conversation, previous_response_id: previous, store, metadata } = request;
  const conversationId = typeof conversation === 'object' ? conversation?.id : conversation;
  if (conversationId && previous) {
    throw new DomainError(
      'invalid_request',
      "'conversation' and 'previous_response_id' name two histories. Send one of them.",
      { param: 'previous_response_id' },
    );
  }
  if (store !== false) {
    return {
      responseId,
      outputItemId: itemId,
      ...present({ conversationId, previousResponseId: previous, metadata }),
    };
  }
  if (conversationId || previous) {
    throw new DomainError(
      'unsupported_parameter',
      "'store': false is supported without 'conversation' and 'previous_response_id' only.",
      { param: 'store' },
    );
  }
  return undefined;
}

function takeFormat(
  format: NonNullable<NonNullable<ResponseRequest['text']>['format']>,
): NonNullable<Turn['responseFormat']> {
  if (format.type !== 'json_schema') return format;
  const { description, schema, ...rest } = format;
  // JSON Schema has its own place for a description.
  return present({ ...rest, schema: description === undefined ? schema : { description, ...schema } });
}
