import { type DynamicModule, Module } from '@nestjs/common';
import { type Messaging, MESSAGING } from '@trivium/messaging';
import { Admission } from '@trivium/serving';
import { AudioReader } from './audio/audio-reader.js';
import { ListModelsHandler } from './catalogue/list-models.handler.js';
import { DetectSpeechHandler } from './detection/detect-speech.handler.js';
import { DetectSpeech } from './detection/detect-speech.js';
import { SPEECH_FINDER, type SpeechFinder } from './detection/speech-finder.js';
import type { SpeechConfig } from './speech-inference.config.js';
import { TranscribeHandler } from './transcription/transcribe.handler.js';
import { Transcribe } from './transcription/transcribe.js';

/** About how long one recording holds its place. */
const RETRY_AFTER_MS = 1000;

@Module({})
export class SpeechInferenceModule {
  static register(finder: SpeechFinder, config: SpeechConfig): DynamicModule {
    const admission = new Admission('Speech analysis', config.SPEECH_MAX_REQUESTS, () => RETRY_AFTER_MS);
    return {
      module: SpeechInferenceModule,
      controllers: [DetectSpeechHandler, TranscribeHandler, ListModelsHandler],
      providers: [
        { provide: SPEECH_FINDER, useValue: finder },
        {
          provide: AudioReader,
          inject: [MESSAGING],
          useFactory: (messaging: Messaging) =>
            new AudioReader(messaging.blobs, {
              maxBytes: config.SPEECH_MAX_AUDIO_BYTES,
              maxSeconds: config.SPEECH_MAX_SECONDS,
              timeoutSeconds: config.SPEECH_DECODE_TIMEOUT_SECONDS,
            }),
        },
        {
          provide: DetectSpeech,
          inject: [AudioReader],
          useFactory: (audio: AudioReader) => new DetectSpeech(audio, finder, admission),
        },
        {
          provide: Transcribe,
          inject: [AudioReader],
          useFactory: (audio: AudioReader) => new Transcribe(audio, admission),
        },
      ],
    };
  }
}
