import { z } from 'zod';
import type { Refusals } from '../errors/input-fault.js';

const MOST_INPUTS = 2_048;

const tokens = z.array(z.int().nonnegative());

const Input = z
  .union([z.string(), z.array(z.string()), tokens, z.array(tokens)])
  .superRefine((input, issues) => {
    const refuse = (path: number[], message: string) => issues.addIssue({ code: 'custom', path, message });
    if (input.length === 0) return refuse([], 'must not be empty');
    if (typeof input === 'string') return;
    if (typeof input[0] !== 'number' && input.length > MOST_INPUTS) {
      return refuse([], `${input.length} inputs are too many for one request; ${MOST_INPUTS} are allowed`);
    }
    for (const [index, one] of input.entries()) {
      if (typeof one !== 'number' && one.length === 0) return refuse([index], 'must not be empty');
    }
  })
  .describe('a text, texts, the token ids of one, or those of several; at most 2,048');
export type Input = z.output<typeof Input>;

export const EmbeddingsRequest = z
  .strictObject({
    model: z.string().min(1).describe('a model of /v1/models that embeds; `model@int8` names a variant'),
    input: Input,
    encoding_format: z
      .enum(['float', 'base64'])
      .nullish()
      .describe('base64: little-endian float32, a quarter of the size'),
    dimensions: z.int().positive().nullish().describe('the first so many values, with length 1 again'),
    truncate: z
      .boolean()
      .nullish()
      .describe(
        'not in the OpenAI API: cut what is longer than the window of the model; otherwise it is refused',
      ),
    input_type: z
      .enum(['query', 'document'])
      .nullish()
      .describe(
        'not in the OpenAI API: what the text is for, which some models (E5) were trained to be told',
      ),
    user: z.string().nullish().describe('a label; has no effect'),
  })
  .meta({ id: 'EmbeddingsRequest' });
export type EmbeddingsRequest = z.output<typeof EmbeddingsRequest>;

export const EMBEDDINGS_REFUSALS: Refusals = {
  encoding_format: 'the supported values are "float" and "base64".',
  input_type: 'the supported values are "query" and "document".',
};

export const Embeddings = z
  .strictObject({
    object: z.literal('list'),
    data: z.array(
      z.strictObject({
        object: z.literal('embedding'),
        index: z.int(),
        embedding: z.union([z.array(z.number()), z.string()]),
      }),
    ),
    model: z.string(),
    usage: z.strictObject({ prompt_tokens: z.int(), total_tokens: z.int() }),
  })
  .meta({ id: 'Embeddings' });
