import { z } from 'zod';

/** JSON Schema of a tool's arguments. */
export const ToolParameters = z.record(z.string(), z.unknown());

export const ReasoningEffort = z.enum(['none', 'minimal', 'low', 'medium', 'high', 'xhigh']);

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
