import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

const positive = z.coerce.number().int().positive();

/** What every inference service reads for its models, beside its own variables. */
export const inferenceConfig = z.object({
  MODELS_DIR: z
    .string()
    .min(1)
    .default(join(tmpdir(), 'trivium-models'))
    .describe(
      'local folder of models: a cache of the shared repository, and what MODELS_CONTROL=poll watches',
    ),
  MODELS_CONTROL: z
    .enum(['none', 'explicit', 'poll'])
    .default('explicit')
    .describe(
      'who changes the models: nobody after the start, the API, or whoever edits MODELS_DIR (read every MODELS_POLL_MS)',
    ),
  MODELS_POLL_MS: positive.default(15_000).describe('how often MODELS_DIR is read with MODELS_CONTROL=poll'),
  MODELS_MEMORY_MB: positive
    .default(4_096)
    .describe('memory for loaded models; beyond it the least recently used idle one is unloaded'),
  MODELS_DISK_MB: positive
    .default(20_480)
    .describe('most that MODELS_DIR may hold of models that came from the shared repository'),
  MODELS_LOAD_WAIT_MS: positive
    .default(30_000)
    .describe('how long a request waits for a model that is not loaded yet; then: model_loading'),
  MODELS_LOAD_CONCURRENCY: positive.default(2).describe('models that load at the same time'),
  MODELS_WORKERS: positive
    .optional()
    .describe(
      'worker processes of a model whose manifest names no count; default: one per core this process may use',
    ),
  MODELS_MAX_REQUESTS: positive
    .default(1_024)
    .describe('inference requests at work or waiting at the same time; beyond this: overloaded'),
  MODELS_MAX_REQUEST_BYTES: positive
    .default(64 * 1024 * 1024)
    .describe('largest tensors of one request, all together'),
  MODELS_UPLOAD_LIMIT_MB: positive.default(8_192).describe('largest version that may be uploaded'),
  MODELS_HUB_URL: z
    .url({ protocol: /^https?$/ })
    .default('https://huggingface.co')
    .describe('where an operator may pull catalogued models from; nothing is fetched unasked'),
  MODELS_HUB_TOKEN: z
    .string()
    .optional()
    .describe('bearer token for MODELS_HUB_URL, when it wants one')
    .meta({ secret: true }),
  RESPONSE_CACHE_MB: positive
    .default(64)
    .describe('memory for answers of models whose manifest enables response_cache'),
});
export type InferenceConfig = z.output<typeof inferenceConfig>;
