import { z } from 'zod';

/** One model that a service can run or reach, as `/v1/models` lists it. */
export const ModelDescription = z.object({
  id: z.string(),
  task: z.enum([
    'assistant',
    'generate',
    'embed',
    'rerank',
    'classify',
    'read-text',
    'embed-face',
    'detect-speech',
    'transcribe',
  ]),
  /** `cpu` and `cuda` run here, `remote` at a configured upstream, `rules` in plain code. */
  placement: z.enum(['cpu', 'cuda', 'remote', 'rules']),
  ownedBy: z.string(),
  /** Unix seconds. */
  created: z.int(),
  ready: z.boolean(),
  /** In a sentence or two: what it is for, and what it is not. */
  description: z.string().optional(),
  /** Tokens of prompt and answer together, where it is known. */
  contextWindow: z.int().positive().optional(),
  /** Length of its vectors, of a model that embeds. */
  dimensions: z.int().positive().optional(),
});
export type ModelDescription = z.output<typeof ModelDescription>;

export const ListModelsRequest = z.object({});
export const ListModelsReply = z.object({ models: z.array(ModelDescription) });

/** How the work was done: where time went and in what company. Durations in milliseconds. */
export const Execution = z.object({
  model: z.string(),
  variant: z.string(),
  placement: z.enum(['cpu', 'cuda', 'remote', 'rules']),
  queueMs: z.number(),
  computeMs: z.number(),
  /** Most work items that shared one run with this one, itself included. */
  batchSize: z.int().positive(),
});
export type Execution = z.output<typeof Execution>;
