import { z } from 'zod';
import type { Refusals } from '../errors/input-fault.js';

const text = z.string().min(1, 'must not be empty');

export const RerankRequest = z
  .strictObject({
    model: z
      .string()
      .min(1)
      .nullish()
      .describe(
        'a model of /v1/models that reranks, or one that embeds; absent: the first that reranks, else embeds',
      ),
    query: text,
    documents: z
      .array(z.union([z.string(), z.strictObject({ text })]))
      .min(1)
      .max(1_024)
      .superRefine((documents, issues) => {
        const index = documents.indexOf('');
        if (index !== -1) issues.addIssue({ code: 'custom', path: [index], message: 'must not be empty' });
      }),
    top_n: z.int().positive().nullish().describe('only so many of the best'),
    return_documents: z.boolean().nullish().describe('repeat the documents in the answer'),
    truncate: z
      .boolean()
      .nullish()
      .describe('false: refuse what is longer than the window of the model, in place of cutting it'),
  })
  .meta({ id: 'RerankRequest' });
export type RerankRequest = z.output<typeof RerankRequest>;

/** Of other servers of this endpoint. */
export const RERANK_REFUSALS: Refusals = {
  rank_fields: 'documents are texts; put the fields to be ranked into one.',
  max_chunks_per_doc: 'a document is ranked as one text; send its chunks as documents.',
  max_tokens_per_doc: 'the window of the model is the limit; truncate says whether longer ones are cut.',
};

export const Rerank = z
  .strictObject({
    id: z.string(),
    object: z.literal('list'),
    model: z.string(),
    results: z.array(
      z.strictObject({
        index: z.int(),
        relevance_score: z.number().min(0).max(1),
        document: z.strictObject({ text: z.string() }).optional(),
      }),
    ),
    usage: z.strictObject({ prompt_tokens: z.int(), total_tokens: z.int() }),
  })
  .meta({ id: 'Rerank' });
