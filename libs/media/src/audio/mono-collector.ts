import { type Origin, unsupported } from '../media-type/admit.js';
import type { AudioLimits } from './audio-limits.js';
import type { Resampler } from './resampler.js';

/** Takes decoded blocks, mixes them down, resamples them and keeps count of the limits as they come. */
export class MonoCollector {
  readonly #pieces: Float32Array[] = [];
  #frames = 0;

  constructor(
    private readonly sampleRate: number,
    private readonly resampler: Resampler,
    private readonly limits: AudioLimits,
    private readonly origin: Origin,
  ) {}

  /** Samples per channel seen so far, at the file's rate. */
  get frames(): number {
    return this.#frames;
  }

  push(channels: readonly Float32Array[]): void {
    const frames = channels[0]?.length ?? 0;
    if (frames === 0) return;
    this.#frames += frames;
    if (this.#frames > this.limits.maxSeconds * this.sampleRate) {
      throw unsupported(
        `The audio is longer than ${this.limits.maxSeconds} s, the most that is accepted.`,
        this.origin,
      );
    }
    this.#pieces.push(...this.resampler.push(this.#mix(channels, frames)));
  }

  finish(): Float32Array {
    this.#pieces.push(...this.resampler.finish());
    const samples = new Float32Array(this.#pieces.reduce((sum, { length }) => sum + length, 0));
    let offset = 0;
    for (const piece of this.#pieces) {
      samples.set(piece, offset);
      offset += piece.length;
    }
    return samples;
  }

  #mix(channels: readonly Float32Array[], frames: number): Float32Array {
    const mono = new Float32Array(frames);
    for (const channel of channels) {
      for (let frame = 0; frame < frames; frame += 1) {
        mono[frame] = (mono[frame] ?? 0) + (channel[frame] ?? 0) / channels.length;
      }
    }
    if (!mono.every(Number.isFinite)) {
      throw unsupported('The audio holds samples that are not finite numbers.', this.origin);
    }
    return mono;
  }
}
