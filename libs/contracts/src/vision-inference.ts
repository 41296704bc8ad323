import { z } from 'zod';
import { Binary, Quadrilateral } from './content.js';
import { call } from './define.js';
import { Execution, ListModelsReply, ListModelsRequest } from './model.js';

export const TextLine = z.object({
  quadrilateral: Quadrilateral,
  text: z.string(),
  /** Mean probability of the recognised characters, 0 to 1; 1 where the text is stored in the file. */
  confidence: z.number().min(0).max(1),
});
export type TextLine = z.output<typeof TextLine>;

export const ReadTextRequest = z.object({
  /** PNG, JPEG or WebP, compressed as it came. */
  image: Binary,
  /** Lines below are dropped. */
  minConfidence: z.number().min(0).max(1).default(0.5),
  /** Where the client wrote the image, for errors. */
  path: z.string().optional(),
});
export type ReadTextRequest = z.output<typeof ReadTextRequest>;

export const ReadTextReply = z.object({
  /** Pixels of the image after its EXIF orientation is applied; quadrilaterals are in this frame. */
  width: z.int().positive(),
  height: z.int().positive(),
  /** In reading order: top to bottom, left to right within a row. Neighbouring columns stay apart. */
  lines: z.array(TextLine),
  execution: Execution,
});
export type ReadTextReply = z.output<typeof ReadTextReply>;

export const readText = call({
  subject: 'vision-inference.read-text.v1',
  request: ReadTextRequest,
  reply: ReadTextReply,
  errors: [
    'invalid_request',
    'unsupported_media',
    'payload_too_large',
    'model_not_available',
    'overloaded',
    'unavailable',
    'deadline_exceeded',
  ],
});

export const listVisionModels = call({
  subject: 'vision-inference.list-models.v1',
  request: ListModelsRequest,
  reply: ListModelsReply,
  errors: [],
});
