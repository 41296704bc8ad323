import { z } from 'zod';
import type { Refusals } from '../errors/input-fault.js';
import { Metadata, ReasoningEffort, SAMPLING_EXTENSIONS, ToolParameters } from '../converse/parameters.js';

const TextPart = z.strictObject({ type: z.literal('text'), text: z.string() });

const ImagePart = z.strictObject({
  type: z.literal('image_url'),
  image_url: z.strictObject({
    url: z.string().describe('data:image/png;base64,… (also jpeg, webp)'),
    detail: z.enum(['auto', 'low', 'high']).optional(),
  }),
});

const FilePart = z.strictObject({
  type: z.literal('file'),
  file: z.strictObject({
    file_data: z.string().optional().describe('data:application/pdf;base64,…'),
    file_id: z.string().optional().describe('of an upload to /v1/files'),
    filename: z.string().max(255).optional(),
  }),
});

const AudioPart = z.strictObject({
  type: z.literal('input_audio'),
  input_audio: z.strictObject({ data: z.string(), format: z.enum(['wav', 'mp3']) }),
});

const RefusalPart = z.strictObject({ type: z.literal('refusal'), refusal: z.string() });

const UserPart = z.discriminatedUnion('type', [TextPart, ImagePart, FilePart, AudioPart]);
const AssistantPart = z.discriminatedUnion('type', [TextPart, RefusalPart]);

const text = z.union([z.string(), z.array(TextPart).min(1)]);
const words = z.string().min(1);
const name = z.string().optional();

const ChatToolCall = z.strictObject({
  id: z.string(),
  type: z.literal('function'),
  function: z.strictObject({ name: z.string(), arguments: z.string() }),
});

export const ChatMessage = z.discriminatedUnion('role', [
  z.strictObject({ role: z.literal('developer'), content: text, name }),
  z.strictObject({ role: z.literal('system'), content: text, name }),
  z.strictObject({ role: z.literal('user'), content: z.union([words, z.array(UserPart).min(1)]), name }),
  z.strictObject({
    role: z.literal('assistant'),
    content: z.union([z.string(), z.array(AssistantPart)]).nullish(),
    refusal: z.string().nullish(),
    name,
    tool_calls: z.array(ChatToolCall).nullish(),
    // Clients send back what they were given; these are always empty in our answers.
    annotations: z.array(z.never()).nullish(),
    audio: z.null().optional(),
    function_call: z.null().optional(),
  }),
  z.strictObject({ role: z.literal('tool'), content: text, tool_call_id: z.string() }),
]);
export type ChatMessage = z.output<typeof ChatMessage>;

const ChatTool = z.strictObject({
  type: z.literal('function'),
  function: z.strictObject({
    name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
    description: z.string().optional(),
    parameters: ToolParameters.optional(),
    strict: z.boolean().nullish(),
  }),
});

const ChatToolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.strictObject({ type: z.literal('function'), function: z.strictObject({ name: z.string() }) }),
]);

const ChatResponseFormat = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text') }),
  z.strictObject({ type: z.literal('json_object') }),
  z.strictObject({
    type: z.literal('json_schema'),
    json_schema: z.strictObject({
      name: z.string(),
      description: z.string().optional(),
      schema: z.record(z.string(), z.unknown()),
      strict: z.boolean().nullish(),
    }),
  }),
]);

const StopText = z.string().min(1).max(256);

/** Honoured: each of these reaches what answers. */
const SUPPORTED = {
  model: z.string().min(1).describe('a model of /v1/models; trivium takes whatever the deployment has'),
  messages: z.array(ChatMessage).min(1),
  stream: z.boolean().nullish(),
  stream_options: z
    .strictObject({ include_usage: z.boolean().optional(), include_obfuscation: z.literal(false).optional() })
    .nullish(),
  max_completion_tokens: z.int().positive().nullish(),
  max_tokens: z.int().positive().nullish().describe('the older name of max_completion_tokens'),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  stop: z.union([StopText, z.array(StopText).max(4)]).nullish(),
  seed: z.int().nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  logit_bias: z.record(z.string(), z.number().min(-100).max(100)).nullish(),
  logprobs: z.boolean().nullish().describe('probabilities of the tokens that a language model drew'),
  top_logprobs: z.int().min(0).max(20).nullish().describe('goes with logprobs'),
  n: z
    .int()
    .min(1)
    .max(8)
    .nullish()
    .describe('choices, made side by side; with a seed, choice i uses seed + i'),
  ...SAMPLING_EXTENSIONS,
  reasoning_effort: ReasoningEffort.nullish(),
  tools: z.array(ChatTool).max(128).nullish(),
  tool_choice: ChatToolChoice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  response_format: ChatResponseFormat.nullish(),
};

/** Changes no answer by its own definition: labels, routing hints of a hosted service, and asking for the default. */
const HARMLESS = {
  user: z.string().nullish().describe('a label; has no effect'),
  safety_identifier: z.string().nullish().describe('a label; has no effect'),
  prompt_cache_key: z.string().nullish().describe('a hint; has no effect'),
  prompt_cache_retention: z.enum(['in_memory', '24h']).nullish().describe('a hint; has no effect'),
  metadata: Metadata.nullish().describe('labels of stored completions; none are stored, so no effect'),
  service_tier: z.enum(['auto', 'default']).nullish(),
  modalities: z.tuple([z.literal('text')]).nullish(),
  store: z.literal(false).nullish(),
  verbosity: z.literal('medium').nullish(),
  audio: z.null().optional(),
  prediction: z.null().optional(),
};

export const ChatRequest = z
  .strictObject({ ...SUPPORTED, ...HARMLESS })
  .meta({ id: 'ChatCompletionRequest' });
export type ChatRequest = z.output<typeof ChatRequest>;

/** What other servers offer and this one does not; the reason is what a client reads. */
export const CHAT_REFUSALS: Refusals = {
  audio: 'answers are text.',
  modalities: 'answers are text; the one supported value is ["text"].',
  store: 'chat completions are not stored; use /v1/responses, which stores.',
  prediction: 'predicted outputs are not available.',
  verbosity: 'the one supported value is "medium".',
  service_tier: 'there is one tier; the supported values are "auto" and "default".',
  functions: 'functions were replaced by tools.',
  function_call: 'function_call was replaced by tool_choice.',
  web_search_options: 'there is no web search.',
  moderation: 'there is no moderation model.',
  'stream_options.include_obfuscation':
    'stream obfuscation is not available; the one supported value is false.',
};
