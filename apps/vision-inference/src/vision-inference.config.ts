import { inferenceConfig } from '@trivium/inference';
import { z } from 'zod';

/** The face model that comes with the service. */
export const BUNDLED_FACE_MODEL = 'face-api';

export const visionConfig = inferenceConfig.extend({
  VISION_WORKERS: z.coerce
    .number()
    .int()
    .positive()
    .optional()
    .describe('worker processes, one core each; default: as many as the cores this process may use'),
  VISION_MAX_PAGES: z.coerce
    .number()
    .int()
    .positive()
    .default(64)
    .describe('pages read or waiting at the same time; beyond this: overloaded'),
  VISION_MAX_IMAGE_BYTES: z.coerce
    .number()
    .int()
    .positive()
    .default(20 * 1024 * 1024)
    .describe('largest compressed image'),
  VISION_DETECTION_SIDE: z.coerce
    .number()
    .int()
    .min(320)
    .max(4096)
    .default(832)
    .describe('pixels of the longer side that the text detector sees'),
  VISION_HANG_AFTER_MS: z.coerce
    .number()
    .int()
    .positive()
    .default(30_000)
    .describe('a worker that computes longer without answering is replaced'),
  VISION_WORKER_MEMORY_MB: z.coerce
    .number()
    .int()
    .positive()
    .default(1536)
    .describe('a worker that holds more after answering is replaced'),
  VISION_FACE_WORKERS: z.coerce
    .number()
    .int()
    .positive()
    .default(1)
    .describe('worker processes that find and describe faces, one core each'),
  VISION_MAX_FACE_REQUESTS: z.coerce
    .number()
    .int()
    .positive()
    .default(64)
    .describe('requests about faces worked on or waiting at the same time; beyond this: overloaded'),
  VISION_FACE_MODEL: z
    .string()
    .min(1)
    .default(BUNDLED_FACE_MODEL)
    .describe(
      'what describes faces for comparison: face-api, which comes along, or an installed model of the task embed-face with the ArcFace interface (112 x 112 pixels, compared by cosine)',
    ),
  VISION_FACE_THRESHOLD: z.coerce
    .number()
    .positive()
    .max(2)
    .optional()
    .describe(
      'largest distance that is called the same person; default with face-api: 0.6. Every other VISION_FACE_MODEL needs one',
    ),
  VISION_MODELS_DIR: z
    .string()
    .optional()
    .describe('folder of model packs; default: models/ of the repository'),
});
export type VisionConfig = z.output<typeof visionConfig>;
