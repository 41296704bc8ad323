import { z } from 'zod';
import { call, stream } from './define.js';
import { GeneratePart, GenerateRequest } from './generate.js';
import { Execution, ListModelsReply, ListModelsRequest } from './model.js';

export { GeneratePart, GenerateRequest };

/** Errors: `model_not_available` when no model is configured at all. */
export const generate = stream({
  subject: 'text-inference.generate.v1',
  request: GenerateRequest,
  part: GeneratePart,
  errors: [
    'invalid_request',
    'unsupported_parameter',
    'model_not_found',
    'model_not_available',
    'context_length_exceeded',
    'rate_limit_exceeded',
    'overloaded',
    'unavailable',
    'upstream_error',
    'invalid_output',
    'deadline_exceeded',
  ],
});

export const listTextModels = call({
  subject: 'text-inference.list-models.v1',
  request: ListModelsRequest,
  reply: ListModelsReply,
  errors: [],
});

const ENCODER_ERRORS = [
  'invalid_request',
  'model_not_found',
  'model_not_available',
  'model_loading',
  'context_length_exceeded',
  'overloaded',
  'unavailable',
  'upstream_error',
  'deadline_exceeded',
] as const;

/** Text, or the ids of its tokens. */
const EmbeddingInput = z.union([z.string().min(1), z.array(z.int().nonnegative()).min(1)]);

export const EmbedRequest = z.object({
  /** `model`, `model@variant`; absent: the first model that embeds. */
  model: z.string().optional(),
  /** One message holds 1 MiB, the vectors in the answer too: whoever has more asks in parts. */
  inputs: z.array(EmbeddingInput).min(1).max(128),
  /** The first so many values of each vector, brought back to length 1. */
  dimensions: z.int().positive().optional(),
  /** Whether an input longer than the model's window is cut; otherwise it is `context_length_exceeded`. */
  truncate: z.boolean().default(false),
  /** Models that were trained with prefixes tell questions and what is searched apart by it. */
  purpose: z.enum(['query', 'document']).optional(),
});
export const EmbedReply = z.object({
  model: z.string(),
  dimensions: z.int().positive(),
  /** Little-endian float32, one vector after the other. */
  vectors: z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'expected bytes'),
  inputTokens: z.int().nonnegative(),
  execution: Execution,
});

/** Vectors of length 1, in the order of the inputs. An input at fault is named: `inputs[3]`. */
export const embed = call({
  subject: 'text-inference.embed.v1',
  request: EmbedRequest,
  reply: EmbedReply,
  errors: ENCODER_ERRORS,
});

export const RerankRequest = z.object({
  model: z.string().optional(),
  query: z.string().min(1),
  documents: z.array(z.string().min(1)).min(1).max(1_024),
  /** Only so many of the best. */
  topN: z.int().positive().optional(),
  truncate: z.boolean().default(true),
});
export const RerankReply = z.object({
  model: z.string(),
  /** Best first. */
  results: z.array(z.object({ index: z.int().nonnegative(), score: z.number() })),
  inputTokens: z.int().nonnegative(),
  execution: Execution,
});

/** Relevance of each document to the query, 0 to 1: of a cross-encoder, or else by similarity of vectors. */
export const rerank = call({
  subject: 'text-inference.rerank.v1',
  request: RerankRequest,
  reply: RerankReply,
  errors: ENCODER_ERRORS,
});

export const ClassifyRequest = z.object({
  model: z.string().optional(),
  text: z.string().min(1).max(20_000),
  labels: z
    .array(
      z.object({ label: z.string().min(1), examples: z.array(z.string().min(1).max(2_000)).min(1).max(64) }),
    )
    .min(1)
    .max(64),
});
export const ClassifyReply = z.object({
  model: z.string(),
  /** Best first; the score of a label is the cosine of its nearest example. */
  scores: z.array(z.object({ label: z.string(), score: z.number(), example: z.string() })),
});

/** Which label's examples a text is nearest to. Vectors of examples are kept, so only the text is embedded anew. */
export const classify = call({
  subject: 'text-inference.classify.v1',
  request: ClassifyRequest,
  reply: ClassifyReply,
  errors: ENCODER_ERRORS,
});
