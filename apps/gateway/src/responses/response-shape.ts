import type { FinishReason, Usage } from '@trivium/contracts/content';
import type { StoredResponse } from '@trivium/contracts/session';
import { z } from 'zod';
import { Metadata, ReasoningEffort } from '../converse/parameters.js';
import { OutputItem, showItem } from '../items/output-item.js';
import { type ResponseRequest, ResponseTool, ResponseToolChoice, TextFormat } from './response-request.js';

const ResponseUsage = z
  .strictObject({
    input_tokens: z.int(),
    input_tokens_details: z.strictObject({ cached_tokens: z.int() }),
    output_tokens: z.int(),
    output_tokens_details: z.strictObject({ reasoning_tokens: z.int() }),
    total_tokens: z.int(),
  })
  .meta({ id: 'ResponseUsage' });

export const Response = z
  .strictObject({
    id: z.string(),
    object: z.literal('response'),
    created_at: z.int(),
    status: z.enum(['in_progress', 'completed', 'incomplete', 'failed']),
    background: z.literal(false),
    error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
    incomplete_details: z
      .strictObject({ reason: z.enum(['max_output_tokens', 'content_filter']) })
      .nullable(),
    instructions: z.string().nullable(),
    max_output_tokens: z.int().nullable(),
    model: z.string(),
    output: z.array(OutputItem),
    parallel_tool_calls: z.boolean(),
    conversation: z.strictObject({ id: z.string() }).nullable(),
    previous_response_id: z.string().nullable(),
    reasoning: z.strictObject({ effort: ReasoningEffort.nullable(), summary: z.null() }),
    store: z.boolean(),
    temperature: z.number().nullable(),
    text: z.strictObject({ format: TextFormat }),
    tool_choice: ResponseToolChoice,
    tools: z.array(ResponseTool),
    top_p: z.number().nullable(),
    truncation: z.literal('disabled'),
    usage: ResponseUsage.nullable(),
    metadata: Metadata,
  })
  .meta({ id: 'Response' });
export type Response = z.output<typeof Response>;

export const DeletedResponse = z
  .strictObject({ id: z.string(), object: z.literal('response'), deleted: z.boolean() })
  .meta({ id: 'DeletedResponse' });

/** Before anything was answered. */
export function openedResponse(id: string, createdAt: number, request: ResponseRequest): Response {
  const { conversation, text, reasoning } = request;
  return {
    id,
    object: 'response',
    created_at: createdAt,
    status: 'in_progress',
    background: false,
    error: null,
    incomplete_details: null,
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    model: request.model,
    output: [],
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    conversation: typeof conversation === 'string' ? { id: conversation } : (conversation ?? null),
    previous_response_id: request.previous_response_id ?? null,
    reasoning: { effort: reasoning?.effort ?? null, summary: null },
    store: request.store ?? true,
    temperature: request.temperature ?? null,
    text: { format: text?.format ?? { type: 'text' } },
    tool_choice: request.tool_choice ?? 'auto',
    tools: request.tools ?? [],
    top_p: request.top_p ?? null,
    truncation: 'disabled',
    usage: null,
    metadata: request.metadata ?? {},
  };
}

export interface Ending {
  readonly reason: FinishReason;
  readonly usage: Usage;
  readonly model: string;
}

export function endedResponse(
  opened: Response,
  output: OutputItem[],
  { reason, usage, model }: Ending,
): Response {
  return { ...opened, ...endOf(reason), output, model, usage: responseUsage(usage) };
}

/** What is kept of a response is what was said; how it was asked for is not. */
export function showResponse(stored: StoredResponse): Response {
  const opened = openedResponse(stored.id, stored.createdAt, {
    model: stored.model,
    input: '',
    conversation: stored.conversationId,
    previous_response_id: stored.previousResponseId,
    metadata: stored.metadata,
  });
  return {
    ...opened,
    ...endOf(stored.finishReason),
    status: stored.status,
    output: stored.output.flatMap(showItem),
    usage: responseUsage(stored.usage),
    error: stored.status === 'failed' ? { code: 'server_error', message: 'The answer failed.' } : null,
  };
}

function endOf(reason: FinishReason | null): Pick<Response, 'status' | 'incomplete_details'> {
  if (reason === 'length')
    return { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } };
  if (reason === 'content_filter') return { status: 'incomplete', incomplete_details: { reason } };
  return { status: 'completed', incomplete_details: null };
}

function responseUsage({ inputTokens, outputTokens }: Usage): z.output<typeof ResponseUsage> {
  return {
    input_tokens: inputTokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: inputTokens + outputTokens,
  };
}
