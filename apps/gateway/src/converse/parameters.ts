import { z } from 'zod';

/** JSON Schema of a tool's arguments. */
export const ToolParameters = z.record(z.string(), z.unknown());

export const ReasoningEffort = z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh']);

/** Beyond OpenAI's API, under the names that other servers of language models use. */
export const SAMPLING_EXTENSIONS = {
  top_k: z.int().min(0).max(1_000_000).nullish().describe('draw from the k most probable tokens; 0: all'),
  min_p: z
    .number()
    .min(0)
    .max(1)
    .nullish()
    .describe('leave out tokens less probable than this share of the most probable one'),
  repetition_penalty: z
    .number()
    .min(0.1)
    .max(10)
    .nullish()
    .describe('above 1: tokens that stand in the context become less probable'),
};

export const Metadata = z
  .record(z.string().max(64), z.string().max(512))
  .refine((labels) => Object.keys(labels).length <= 16, 'at most 16 labels')
  .meta({ id: 'Metadata' });

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: Exclude<T[K], null> } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], null | undefined>;
};

/** Clients write null for "not set"; past the edge what is not set is absent. */
export function present<T extends object>(values: T): Present<T> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== null && value !== undefined),
  ) as Present<T>;
}
