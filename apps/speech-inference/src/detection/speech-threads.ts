import type { SpeechSegment } from '@trivium/contracts/speech-inference';
import { cancellation, IsolationFailure, WorkerPool } from '@trivium/media/isolation';
import type { SpeechFinder } from './speech-finder.js';

const TIMEOUT_MS = 60_000;

// @NOTE relative to `src` and to `dist` alike, so that specs running from source find the compiled thread.
const MODULE = new URL('../../dist/detection/speech.worker.js', import.meta.url);

/** Runs the rules on threads: ten minutes of audio take half a second that the event loop does not have. */
export class SpeechThreads implements SpeechFinder {
  readonly modelId = 'speech-rules-v1';
  readonly #pool: WorkerPool<Float32Array, SpeechSegment[]>;

  constructor(threads: number) {
    this.#pool = new WorkerPool(MODULE, threads);
  }

  async find(samples: Float32Array, signal: AbortSignal): Promise<SpeechSegment[]> {
    const transfer = [samples.buffer as ArrayBuffer];
    try {
      return await this.#pool.run(samples, { timeoutMs: TIMEOUT_MS, signal, transfer });
    } catch (error) {
      if (error instanceof IsolationFailure && error.reason === 'aborted') {
        throw cancellation('Finding speech', error);
      }
      throw error;
    }
  }
}
