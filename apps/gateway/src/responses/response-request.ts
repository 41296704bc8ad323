import { z } from 'zod';
import { Metadata, ReasoningEffort, SAMPLING_EXTENSIONS, ToolParameters } from '../converse/parameters.js';
import type { Refusals } from '../errors/input-fault.js';
import { InputItem } from '../items/input-item.js';

export const ResponseTool = z.strictObject({
  type: z.literal('function'),
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
  description: z.string().nullish(),
  parameters: ToolParameters.nullish(),
  strict: z.boolean().nullish(),
});

export const ResponseToolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.strictObject({ type: z.literal('function'), name: z.string() }),
]);

export const TextFormat = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text') }),
  z.strictObject({ type: z.literal('json_object') }),
  z.strictObject({
    type: z.literal('json_schema'),
    name: z.string(),
    description: z.string().optional(),
    schema: z.record(z.string(), z.unknown()),
    strict: z.boolean().nullish(),
  }),
]);

/** Honoured: each of these reaches what answers, or says where the turn belongs. */
const SUPPORTED = {
  model: z.string().min(1).default('trivium'),
  input: z.union([z.string().min(1), z.array(InputItem).min(1).max(100)]),
  instructions: z.string().nullish().describe('for this turn alone; not carried into later ones'),
  conversation: z.union([z.string(), z.strictObject({ id: z.string() })]).nullish(),
  previous_response_id: z.string().nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.strictObject({ include_obfuscation: z.literal(false).optional() }).nullish(),
  store: z.boolean().nullish().describe('true unless told otherwise'),
  max_output_tokens: z.int().positive().nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  ...SAMPLING_EXTENSIONS,
  tools: z.array(ResponseTool).max(128).nullish(),
  tool_choice: ResponseToolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  text: z.strictObject({ format: TextFormat.nullish(), verbosity: z.literal('medium').nullish() }).nullish(),
  reasoning: z.strictObject({ effort: ReasoningEffort.nullish(), summary: z.null().optional() }).nullish(),
  metadata: Metadata.nullish(),
};

/** Changes no answer by its own definition: labels, routing hints of a hosted service, and asking for the default. */
const HARMLESS = {
  user: z.string().nullish().describe('a label; has no effect'),
  safety_identifier: z.string().nullish().describe('a label; has no effect'),
  prompt_cache_key: z.string().nullish().describe('a hint; has no effect'),
  prompt_cache_retention: z.enum(['in_memory', '24h']).nullish().describe('a hint; has no effect'),
  service_tier: z.enum(['auto', 'default']).nullish(),
  truncation: z.literal('disabled').nullish(),
  background: z.literal(false).nullish(),
  include: z.array(z.never()).nullish(),
  n: z.literal(1).nullish(),
  top_logprobs: z.literal(0).nullish(),
  max_tool_calls: z.null().optional(),
  prompt: z.null().optional(),
};

export const ResponseRequest = z
  .strictObject({ ...SUPPORTED, ...HARMLESS })
  .meta({ id: 'CreateResponseRequest' });
export type ResponseRequest = z.output<typeof ResponseRequest>;

/** What other servers offer and this one does not; the reason is what a client reads. */
export const RESPONSE_REFUSALS: Refusals = {
  truncation: 'the one supported value is "disabled".',
  background: 'responses are made while the client waits.',
  'include[0]': 'there is nothing more to include.',
  n: 'a response is one turn of a conversation; /v1/chat/completions makes several choices.',
  top_logprobs: 'responses carry no probabilities of tokens; /v1/chat/completions does.',
  logprobs: 'responses carry no probabilities of tokens; /v1/chat/completions does.',
  max_tool_calls: 'tools run at the client, which can count its calls.',
  prompt: 'prompt templates are not available.',
  service_tier: 'there is one tier; the supported values are "auto" and "default".',
  context_management: 'the context is not compacted.',
  'text.verbosity': 'the one supported value is "medium".',
  'reasoning.summary': 'reasoning is not summarised.',
  'stream_options.include_obfuscation':
    'stream obfuscation is not available; the one supported value is false.',
};
