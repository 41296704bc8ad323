import type { FinishReason, Usage } from '@trivium/contracts/content';
import { z } from 'zod';
import type { CollectedTurn } from '../converse/collected-turn.js';

const Finish = z.enum(['stop', 'length', 'tool_calls', 'content_filter']);

const CompletionUsage = z
  .strictObject({ prompt_tokens: z.int(), completion_tokens: z.int(), total_tokens: z.int() })
  .meta({ id: 'CompletionUsage' });

const CompletionToolCall = z.strictObject({
  id: z.string(),
  type: z.literal('function'),
  function: z.strictObject({ name: z.string(), arguments: z.string() }),
});

export const ChatCompletion = z
  .strictObject({
    id: z.string(),
    object: z.literal('chat.completion'),
    created: z.int(),
    model: z.string(),
    choices: z.tuple([
      z.strictObject({
        index: z.literal(0),
        message: z.strictObject({
          role: z.literal('assistant'),
          content: z.string().nullable(),
          refusal: z.null(),
          annotations: z.array(z.never()),
          tool_calls: z.array(CompletionToolCall).optional(),
        }),
        logprobs: z.null(),
        finish_reason: Finish,
      }),
    ]),
    usage: CompletionUsage,
  })
  .meta({ id: 'ChatCompletion' });
export type ChatCompletion = z.output<typeof ChatCompletion>;

export const ChatCompletionChunk = z
  .strictObject({
    id: z.string(),
    object: z.literal('chat.completion.chunk'),
    created: z.int(),
    model: z.string(),
    choices: z.array(
      z.strictObject({
        index: z.literal(0),
        delta: z.strictObject({
          role: z.literal('assistant').optional(),
          content: z.string().optional(),
          refusal: z.null().optional(),
          tool_calls: z
            .array(
              z.strictObject({
                index: z.int(),
                id: z.string().optional(),
                type: z.literal('function').optional(),
                function: z.strictObject({ name: z.string().optional(), arguments: z.string().optional() }),
              }),
            )
            .optional(),
        }),
        logprobs: z.null(),
        finish_reason: Finish.nullable(),
      }),
    ),
    usage: CompletionUsage.nullable().optional().describe('only with stream_options.include_usage'),
  })
  .meta({ id: 'ChatCompletionChunk' });

export function chatCompletion(id: string, created: number, turn: CollectedTurn): ChatCompletion {
  const { end, text, toolCalls } = turn;
  const calls = toolCalls.map((call) => ({
    id: call.id,
    type: 'function' as const,
    function: { name: call.name, arguments: call.arguments },
  }));
  return {
    id,
    object: 'chat.completion',
    created,
    model: end.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: text === '' && calls.length > 0 ? null : text,
          refusal: null,
          annotations: [],
          ...(calls.length > 0 ? { tool_calls: calls } : {}),
        },
        logprobs: null,
        finish_reason: end.reason satisfies FinishReason,
      },
    ],
    usage: completionUsage(end.usage),
  };
}

export function completionUsage({ inputTokens, outputTokens }: Usage): z.output<typeof CompletionUsage> {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
  };
}
