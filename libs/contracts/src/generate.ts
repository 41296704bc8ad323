import { z } from 'zod';
import { FinishReason, Message, Usage } from './content.js';

export const Sampling = z.object({
  maxTokens: z.int().positive().optional(),
  temperature: z.number().min(0).max(2).optional(),
  topP: z.number().min(0).max(1).optional(),
  stop: z.array(z.string()).max(4).optional(),
  /** Only the most probable tokens are drawn from; 0: all. */
  topK: z.int().min(0).max(1_000_000).optional(),
  /** Tokens less probable than this share of the most probable one are not drawn. */
  minP: z.number().min(0).max(1).optional(),
  /** Divides positive logits of tokens that stand in the context, multiplies negative ones; 1: off. */
  repetitionPenalty: z.number().min(0.1).max(10).optional(),
  seed: z.int().optional(),
  presencePenalty: z.number().min(-2).max(2).optional(),
  frequencyPenalty: z.number().min(-2).max(2).optional(),
  logitBias: z.record(z.string(), z.number().min(-100).max(100)).optional(),
  /** How many of the most probable tokens to report beside each token that was drawn; absent: none, not even its own. */
  topLogprobs: z.int().min(0).max(20).optional(),
  reasoningEffort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh']).optional(),
});
export type Sampling = z.output<typeof Sampling>;

export const Tool = z.object({
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
  description: z.string().optional(),
  /** JSON Schema of the arguments. */
  parameters: z.record(z.string(), z.unknown()).optional(),
  strict: z.boolean().optional(),
});
export type Tool = z.output<typeof Tool>;

export const ToolChoice = z.union([z.enum(['none', 'auto', 'required']), z.object({ name: z.string() })]);

export const ResponseFormat = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({
    type: z.literal('json_schema'),
    name: z.string(),
    schema: z.record(z.string(), z.unknown()),
    strict: z.boolean().optional(),
  }),
]);

/** What generation needs beside the model and the messages. */
export const GenerateOptions = z.object({
  sampling: Sampling.default({}),
  tools: z.array(Tool).max(128).optional(),
  toolChoice: ToolChoice.optional(),
  parallelToolCalls: z.boolean().optional(),
  responseFormat: ResponseFormat.optional(),
});
export type GenerateOptions = z.output<typeof GenerateOptions>;

export const GenerateRequest = GenerateOptions.extend({
  /** Absent: the first configured model. Unknown: `model_not_found`. */
  model: z.string().optional(),
  messages: z.array(Message).min(1),
});
export type GenerateRequest = z.output<typeof GenerateRequest>;

const ScoredToken = z.object({
  token: z.string(),
  /** Natural logarithm. */
  logprob: z.number(),
  /** UTF-8 of the token, which may be a part of a character. */
  bytes: z.array(z.int().min(0).max(255)),
});
export const TokenLogprob = ScoredToken.extend({ top: z.array(ScoredToken) });
export type TokenLogprob = z.output<typeof TokenLogprob>;

export const TextDelta = z.object({
  type: z.literal('text-delta'),
  text: z.string(),
  /** The delta ends a sentence (zh or en), for clients that speak or render by sentence. */
  sentenceEnd: z.boolean().optional(),
  /** Of the tokens that this delta completes, when `topLogprobs` asks for them. */
  logprobs: z.array(TokenLogprob).optional(),
});

export const ToolCallDelta = z.object({
  type: z.literal('tool-call-delta'),
  index: z.int().nonnegative(),
  /** In the first delta of a call only. */
  id: z.string().optional(),
  name: z.string().optional(),
  arguments: z.string().optional(),
});

/** Parts in order: one `generation-start`, then deltas, then one `generation-end`. */
export const GeneratePart = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('generation-start'),
    model: z.string(),
    placement: z.string(),
    /** Precision that serves, where the placement is this house's own. */
    variant: z.string().optional(),
  }),
  TextDelta,
  ToolCallDelta,
  z.object({ type: z.literal('generation-end'), reason: FinishReason, usage: Usage }),
]);
export type GeneratePart = z.output<typeof GeneratePart>;
