import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const positive = z.coerce.number().int().positive();
const DEFAULT_RULES = fileURLToPath(new URL('../rules.yaml', import.meta.url));

export const routerConfig = z.object({
  ROUTER_RULES_FILE: z
    .string()
    .default(DEFAULT_RULES)
    .transform((path) => (path === '' ? DEFAULT_RULES : path))
    .describe('YAML file of routing rules; read again whenever it changes'),
  ROUTER_INTENT_DEADLINE_MS: positive
    .default(150)
    .describe('how long a turn waits to learn the intent of its question; then it is routed without'),
  ROUTER_MAX_DOCUMENTS: positive.default(8).describe('pictures and files that one request may hold'),
  ROUTER_HISTORY_ITEMS: positive
    .max(200)
    .default(50)
    .describe('items of a stored conversation that a turn looks back on'),
  ROUTER_HISTORY_CHARACTERS: positive
    .default(32_000)
    .describe(
      'characters of stored conversation that go to the language model; the oldest are left out first',
    ),
  ROUTER_DOCUMENT_CHARACTERS: positive
    .default(16_000)
    .describe('characters of document text that go to the language model in one turn'),
});
export type RouterConfig = z.output<typeof routerConfig>;
