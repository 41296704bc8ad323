import '../isolation/quiet-console.js';
import { serveJobs } from '../isolation/serve-jobs.js';
import type { AudioJob, AudioJobValue } from './audio-jobs.js';
import { decodeToMono } from './decode-to-mono.js';
import { Resampler } from './resampler.js';

serveJobs<AudioJob, AudioJobValue>(async (job) => {
  const value = job.kind === 'decode' ? await decodeToMono(job) : await resampleWhole(job);
  return { value, transfer: [value.samples.buffer as ArrayBuffer] };
});

async function resampleWhole({ samples, from, to }: AudioJob & { kind: 'resample' }): Promise<AudioJobValue> {
  using resampler = await Resampler.open(from, to);
  const pieces = [...resampler.push(samples), ...resampler.finish()];
  const whole = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return { samples: whole, frames: samples.length };
}
