import type { Raster } from './task.js';

/** Per channel in the models' order, which is blue, green, red: they were trained on OpenCV's pixels. */
export interface Normalisation {
  readonly mean: readonly [number, number, number];
  readonly deviation: readonly [number, number, number];
}

/** PaddleOCR's figures; the detector's are ImageNet's, applied to blue, green, red as PaddleOCR applies them. */
export const DETECTION_NORMALISATION: Normalisation = {
  mean: [0.485, 0.456, 0.406],
  deviation: [0.229, 0.224, 0.225],
};
export const LINE_NORMALISATION: Normalisation = { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] };

/** Memory for one input at a time, kept: megabytes per run would otherwise keep the collector busy. */
export class Scratch {
  #values = new Float32Array(0);

  /** Holds whatever was there before. */
  take(length: number): Float32Array {
    if (this.#values.length < length) this.#values = new Float32Array(length);
    return this.#values.subarray(0, length);
  }
}

/**
 * Writes the three planes of one raster, `offset` values from the start. Columns to the right of it, up to
 * the padded width, become zero, as PaddleOCR pads.
 */
export function fillPlanes(
  into: Float32Array,
  offset: number,
  { width, height, data }: Raster,
  paddedWidth: number,
  normalisation: Normalisation,
): void {
  const plane = height * paddedWidth;
  for (let channel = 0; channel < 3; channel += 1) {
    const levels = normalisedLevels(normalisation, channel);
    let from = 2 - channel;
    for (let row = 0; row < height; row += 1) {
      const start = offset + channel * plane + row * paddedWidth;
      const end = start + width;
      for (let to = start; to < end; to += 1, from += 3) into[to] = levels[data[from] ?? 0] ?? 0;
      into.fill(0, end, start + paddedWidth);
    }
  }
}

const LEVELS = new WeakMap<Normalisation, Float32Array[]>();

/** The 256 normalised values of a channel: a look-up is cheaper than the arithmetic. */
function normalisedLevels(normalisation: Normalisation, channel: number): Float32Array {
  let channels = LEVELS.get(normalisation);
  if (channels === undefined) {
    channels = [0, 1, 2].map((index) => {
      const mean = normalisation.mean[index] ?? 0;
      const deviation = normalisation.deviation[index] ?? 1;
      return Float32Array.from({ length: 256 }, (_, level) => (level / 255 - mean) / deviation);
    });
    LEVELS.set(normalisation, channels);
  }
  const levels = channels[channel];
  if (levels === undefined) throw new RangeError(`No channel ${channel}`);
  return levels;
}
