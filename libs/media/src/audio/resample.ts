import { audioThreads } from './audio-jobs.js';

const TIMEOUT_MS = 60_000;

/** Band-limited resampling of one mono signal by libsamplerate, on a thread of its own. */
export async function resample(samples: Float32Array, from: number, to: number): Promise<Float32Array> {
  if (from === to) return samples;
  const { samples: resampled } = await audioThreads.run(
    { kind: 'resample', samples, from, to },
    { timeoutMs: TIMEOUT_MS },
  );
  return resampled;
}
