import { inferenceConfig } from '@trivium/inference';
import { z } from 'zod';

/** An empty variable means the same as an absent one, so that compose files can pass it through. */
const optionalText = z
  .string()
  .transform((value) => (value.trim() === '' ? undefined : value.trim()))
  .optional();

export const textInferenceConfig = inferenceConfig.extend({
  TEXT_DEFAULT_MODEL: optionalText.describe(
    'model for callers who name none: a configured id, or model[@variant] of the repository; default the first configured, else the best local one',
  ),
  TEXT_MODELS_FILE: optionalText.describe(
    'YAML file of language models and their placements; default models/text.yaml when it exists',
  ),
  TEXT_UPSTREAM_URL: optionalText.describe(
    'base URL of an OpenAI-compatible server, such as http://localhost:11434/v1: one model without a file',
  ),
  TEXT_UPSTREAM_MODEL: optionalText.describe('model to ask for at TEXT_UPSTREAM_URL, and its id here'),
  TEXT_UPSTREAM_API_KEY: optionalText
    .describe('bearer key for TEXT_UPSTREAM_URL, when it wants one')
    .meta({ secret: true }),
  TEXT_UPSTREAM_IMAGES: z
    .stringbool({ truthy: ['true', '1', 'yes'], falsy: ['false', '0', 'no', ''] })
    .default(false)
    .describe('whether the model at TEXT_UPSTREAM_URL accepts pictures'),
});
export type TextInferenceConfig = z.output<typeof textInferenceConfig>;
