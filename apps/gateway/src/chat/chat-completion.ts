import type { FinishReason, Usage } from '@trivium/contracts/content';
import { z } from 'zod';
import type { CollectedTurn } from '../converse/collected-turn.js';
import { chatLogprobs, ChatLogprobs } from './chat-logprobs.js';

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
    choices: z.array(
      z.strictObject({
        index: z.int(),
        message: z.strictObject({
          role: z.literal('assistant'),
          content: z.string().nullable(),
          refusal: z.null(),
          annotations: z.array(z.never()),
          tool_calls: z.array(CompletionToolCall).optional(),
        }),
        logprobs: ChatLogprobs.nullable(),
        finish_reason: Finish,
      }),
    ),
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
        index: z.int(),
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
        logprobs: ChatLogprobs.nullable(),
        finish_reason: Finish.nullable(),
      }),
    ),
    usage: CompletionUsage.nullable().optional().describe('only with stream_options.include_usage'),
  })
  .meta({ id: 'ChatCompletionChunk' });

export interface CompletionHead {
  readonly id: string;
  readonly created: number;
  /** Whether the client asked for the probabilities of tokens. */
  readonly logprobs: boolean;
}

/** The whole answer: one choice for each turn. */
export function chatCompletion(
  { id, created, logprobs }: CompletionHead,
  turns: readonly CollectedTurn[],
): ChatCompletion {
  return {
    id,
    object: 'chat.completion',
    created,
    model: turns[0]?.end.model ?? '',
    choices: turns.map((turn, index) => ({
      index,
      message: messageOf(turn),
      logprobs: logprobs ? chatLogprobs(turn.logprobs) : null,
      finish_reason: turn.end.reason satisfies FinishReason,
    })),
    usage: completionUsage(turns.map(({ end }) => end.usage)),
  };
}

function messageOf({ text, toolCalls }: CollectedTurn): ChatCompletion['choices'][number]['message'] {
  const calls = toolCalls.map((call) => ({
    id: call.id,
    type: 'function' as const,
    function: { name: call.name, arguments: call.arguments },
  }));
  return {
    role: 'assistant',
    content: text === '' && calls.length > 0 ? null : text,
    refusal: null,
    annotations: [],
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
}

/** All choices have one prompt, so it counts once. */
export function completionUsage(choices: readonly Usage[]): z.output<typeof CompletionUsage> {
  const prompt = Math.max(0, ...choices.map(({ inputTokens }) => inputTokens));
  const completion = choices.reduce((sum, { outputTokens }) => sum + outputTokens, 0);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
  };
}
