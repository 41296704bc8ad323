import { availableParallelism } from 'node:os';
import { inferenceConfig } from '@trivium/inference';
import { z } from 'zod';

const positive = z.coerce.number().int().positive();

export const speechConfig = inferenceConfig.extend({
  SPEECH_THREADS: positive
    .default(Math.max(1, availableParallelism() - 1))
    .describe('threads that look for speech; default: one less than the cores this process may use'),
  SPEECH_MAX_REQUESTS: positive
    .default(32)
    .describe('recordings at work or waiting at the same time; beyond this: overloaded'),
  SPEECH_MAX_AUDIO_BYTES: positive.default(25 * 1024 * 1024).describe('largest recording as sent'),
  SPEECH_MAX_SECONDS: positive.default(600).describe('longest recording'),
  SPEECH_DECODE_TIMEOUT_SECONDS: positive.default(30).describe('a recording that takes longer is refused'),
});
export type SpeechConfig = z.output<typeof speechConfig>;
