import type { SpeechSegment } from '@trivium/contracts/speech-inference';

/** What looks for speech in 16 kHz mono audio: rules now, a model behind the same port later. */
export interface SpeechFinder {
  readonly modelId: string;
  /** Takes `samples` over: the array is empty afterwards. */
  find(samples: Float32Array, signal: AbortSignal): Promise<SpeechSegment[]>;
}

export const SPEECH_FINDER = Symbol('SPEECH_FINDER');
