import { describe, expect, it } from 'vitest';
import { resample } from './resample.js';

const tone = (hertz: number, rate: number, seconds: number): Float32Array =>
  Float32Array.from({ length: rate * seconds }, (_, index) => Math.sin((2 * Math.PI * hertz * index) / rate));

const rms = (samples: Float32Array): number =>
  Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);

describe('resample', () => {
  it.each([
    [44_100, 16_000],
    [8000, 16_000],
    [48_000, 16_000],
  ])('keeps a tone in place from %d to %d Hz', async (from, to) => {
    const resampled = await resample(tone(440, from, 2), from, to);
    const expected = tone(440, to, 2);

    expect(resampled.length).toBe(expected.length);
    const inner = (samples: Float32Array): Float32Array => samples.subarray(to / 10, -to / 10);
    const error = inner(resampled).map((value, index) => value - (inner(expected)[index] ?? 0));
    expect(rms(error)).toBeLessThan(0.001);
  });

  it('removes what the lower rate cannot hold instead of folding it down', async () => {
    expect(rms(await resample(tone(12_000, 48_000, 1), 48_000, 16_000))).toBeLessThan(0.01);
  });

  it('gives the samples back when there is nothing to do', async () => {
    const samples = tone(440, 16_000, 1);

    expect(await resample(samples, 16_000, 16_000)).toBe(samples);
  });
});
