import { z } from 'zod';
import { Binary } from './content.js';
import { call } from './define.js';
import { ListModelsReply, ListModelsRequest } from './model.js';

const AudioRequest = z.object({
  /** WAV, FLAC, MP3 or OGG (Opus, Vorbis). */
  audio: Binary,
  path: z.string().optional(),
});

/** Times in seconds from the start of the audio. */
export const SpeechSegment = z.object({ start: z.number().nonnegative(), end: z.number().positive() });
export type SpeechSegment = z.output<typeof SpeechSegment>;

export const DetectSpeechReply = z.object({
  durationSeconds: z.number().nonnegative(),
  /** Of the audio as given; analysis runs at 16 kHz mono. */
  sampleRate: z.int().positive(),
  channels: z.int().positive(),
  segments: z.array(SpeechSegment),
});
export type DetectSpeechReply = z.output<typeof DetectSpeechReply>;

const AUDIO_ERRORS = [
  'invalid_request',
  'unsupported_media',
  'payload_too_large',
  'overloaded',
  'unavailable',
  'deadline_exceeded',
] as const;

export const detectSpeech = call({
  subject: 'speech-inference.detect-speech.v1',
  request: AudioRequest,
  reply: DetectSpeechReply,
  errors: AUDIO_ERRORS,
});

export const TranscribeRequest = AudioRequest.extend({
  model: z.string().optional(),
  language: z.string().optional(),
});

export const TranscribeReply = z.object({
  text: z.string(),
  language: z.string().optional(),
  durationSeconds: z.number().nonnegative(),
  segments: z.array(SpeechSegment.extend({ text: z.string(), confidence: z.number().min(0).max(1) })),
});

export const transcribe = call({
  subject: 'speech-inference.transcribe.v1',
  request: TranscribeRequest,
  reply: TranscribeReply,
  errors: [...AUDIO_ERRORS, 'model_not_found', 'model_not_available'],
});

export const listSpeechModels = call({
  subject: 'speech-inference.list-models.v1',
  request: ListModelsRequest,
  reply: ListModelsReply,
  errors: [],
});
