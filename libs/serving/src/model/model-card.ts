import { parse } from 'yaml';
import { z } from 'zod';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** `model.yaml`: what a model is, where its files come from and what they must be. */
export const ModelCard = z.object({
  id: z.string(),
  task: z.string(),
  licence: z.string(),
  languages: z.array(z.string()).default([]),
  source: z.object({
    package: z.string(),
    version: z.string(),
    homepage: z.url(),
    /** A path that the package exports; the files' paths are relative to it. */
    entry: z.string(),
  }),
  /** Role to file. */
  files: z.record(z.string(), z.object({ path: z.string(), sha256, bytes: z.int().positive() })),
});
export type ModelCard = z.output<typeof ModelCard>;

/** Throws with the names of the fields at fault. */
export function parseModelCard(text: string): ModelCard {
  return ModelCard.parse(parse(text));
}
