import { availableParallelism } from 'node:os';
import { WorkerPool } from '../isolation/worker-pool.js';
import type { Origin } from '../media-type/admit.js';
import type { AudioContainer, AudioHeader } from './audio-header.js';
import type { AudioLimits } from './audio-limits.js';

export interface DecodeJob {
  readonly kind: 'decode';
  readonly bytes: Uint8Array;
  readonly container: AudioContainer;
  readonly header: AudioHeader;
  readonly limits: AudioLimits;
  readonly resampleTo: number;
  readonly origin: Origin;
}

export type AudioJob =
  | DecodeJob
  | { readonly kind: 'resample'; readonly samples: Float32Array; readonly from: number; readonly to: number };

export interface AudioJobValue {
  readonly samples: Float32Array;
  /** Samples per channel before resampling. */
  readonly frames: number;
}

// @NOTE relative to `src` and to `dist` alike, so that specs running from source find the compiled thread.
const MODULE = new URL('../../dist/audio/audio.worker.js', import.meta.url);

export const audioThreads = new WorkerPool<AudioJob, AudioJobValue>(
  MODULE,
  Math.max(1, availableParallelism() - 1),
);
