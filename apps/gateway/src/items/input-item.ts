import { z } from 'zod';

const InputText = z.strictObject({ type: z.literal('input_text'), text: z.string() });

const OutputText = z.strictObject({
  type: z.literal('output_text'),
  text: z.string(),
  // Clients send back what they were given; these are always empty in our answers.
  annotations: z.array(z.never()).nullish(),
  logprobs: z.array(z.never()).nullish(),
});

const InputImage = z.strictObject({
  type: z.literal('input_image'),
  image_url: z.string().nullish().describe('data:image/png;base64,… (also jpeg, webp)'),
  file_id: z.string().nullish(),
  detail: z.enum(['auto', 'low', 'high']).optional(),
});

const InputFile = z.strictObject({
  type: z.literal('input_file'),
  file_data: z.string().nullish().describe('data:application/pdf;base64,…'),
  file_id: z.string().nullish(),
  file_url: z.string().nullish().describe('refused: remote fetch is off'),
  filename: z.string().max(255).nullish(),
});

export const InputPart = z.discriminatedUnion('type', [InputText, OutputText, InputImage, InputFile]);
export type InputPart = z.output<typeof InputPart>;

const Status = z.enum(['in_progress', 'completed', 'incomplete']).nullish();

const InputMessage = z.strictObject({
  type: z.literal('message').optional(),
  id: z.string().nullish().describe('of an item sent back; has no effect'),
  status: Status,
  role: z.enum(['user', 'system', 'developer', 'assistant']),
  content: z.union([z.string(), z.array(InputPart).min(1)]),
});

const FunctionCall = z.strictObject({
  type: z.literal('function_call'),
  id: z.string().nullish(),
  status: Status,
  call_id: z.string(),
  name: z.string(),
  arguments: z.string(),
});

const FunctionCallOutput = z.strictObject({
  type: z.literal('function_call_output'),
  id: z.string().nullish(),
  status: Status,
  call_id: z.string(),
  output: z.union([z.string(), z.array(InputText)]),
});

/** What clients put into conversations and responses: messages, calls that a model asked for, and their results. */
export const InputItem = z.union([InputMessage, FunctionCall, FunctionCallOutput]).meta({ id: 'InputItem' });
export type InputItem = z.output<typeof InputItem>;
export type InputMessage = z.output<typeof InputMessage>;
