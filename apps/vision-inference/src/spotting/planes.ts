import { type Raster, RED_BLUE } from './raster.js';
import type { Point } from './task.js';

/** Per channel in the order of the model's planes. */
export interface Normalisation {
  readonly mean: readonly [number, number, number];
  readonly deviation: readonly [number, number, number];
  /** Blue, green, red unless told: models of text were trained on OpenCV's pixels. */
  readonly order?: 'bgr' | 'rgb';
}

/** PaddleOCR's figures; the detector's are ImageNet's, applied to blue, green, red as PaddleOCR applies them. */
export const DETECTION_NORMALISATION: Normalisation = {
  mean: [0.485, 0.456, 0.406],
  deviation: [0.229, 0.224, 0.225],
};
export const LINE_NORMALISATION: Normalisation = { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] };

/** A rectangle of a model's input: three planes of `height` rows, the first at `offset`. */
export interface Planes {
  readonly data: Float32Array;
  readonly offset: number;
  readonly width: number;
  readonly height: number;
  /** Columns from one row to the next; those beyond `width` become zero, as PaddleOCR pads. */
  readonly stride: number;
}

/** Memory for one input at a time, kept: megabytes for each run would keep the collector busy. */
export class Scratch {
  #values = new Float32Array(0);

  /** Holds whatever was there before. */
  take(length: number): Float32Array {
    if (this.#values.length < length) this.#values = new Float32Array(length);
    return this.#values.subarray(0, length);
  }
}

/** A parallelogram in source pixels, by three of its corners. */
export type Parallelogram = readonly [topLeft: Point, topRight: Point, bottomLeft: Point];

export function wholeOf({ width, height }: Pick<Raster, 'width' | 'height'>): Parallelogram {
  return [
    [0, 0],
    [width, 0],
    [0, height],
  ];
}

/** Weights of neighbours are in 1/256: whole numbers, because sampling is where the time goes. */
const ONE = 256;
/** One half, for red and for blue. */
const HALF_RED_BLUE = 0x800080;

/**
 * Samples a parallelogram of a raster, bilinear, edges repeated beyond it, straight into a model's input:
 * normalised, one plane per channel.
 */
export function drawPlanes(
  { width, height, pixels }: Raster,
  [origin, alongEnd, downEnd]: Parallelogram,
  into: Planes,
  normalisation: Normalisation,
): void {
  const [firstLevels, greenLevels, lastLevels] = normalisedLevels(normalisation);
  const isBlueFirst = normalisation.order !== 'rgb';
  const [blueLevels, redLevels] = isBlueFirst ? [firstLevels, lastLevels] : [lastLevels, firstLevels];
  const { data, stride } = into;
  const maxX = width - 1;
  const maxY = height - 1;
  const alongX = (alongEnd[0] - origin[0]) / into.width;
  const alongY = (alongEnd[1] - origin[1]) / into.width;
  const downX = (downEnd[0] - origin[0]) / into.height;
  const downY = (downEnd[1] - origin[1]) / into.height;
  const plane = stride * into.height;
  const blueAt = isBlueFirst ? 0 : 2 * plane;
  const redAt = isBlueFirst ? 2 * plane : 0;
  for (let row = 0; row < into.height; row += 1) {
    let x = origin[0] + downX * (row + 0.5) + alongX * 0.5 - 0.5;
    let y = origin[1] + downY * (row + 0.5) + alongY * 0.5 - 0.5;
    const start = into.offset + row * stride;
    const end = start + into.width;
    for (let to = start; to < end; to += 1) {
      const insideX = x < 0 ? 0 : x > maxX ? maxX : x;
      const insideY = y < 0 ? 0 : y > maxY ? maxY : y;
      const left = insideX | 0;
      const top = insideY | 0;
      const after = ((insideX - left) * ONE) | 0;
      const beneath = ((insideY - top) * ONE) | 0;
      const w11 = (after * beneath) >> 8;
      const w01 = after - w11;
      const w10 = beneath - w11;
      const w00 = ONE - after - w10;
      const first = top * width + left;
      const right = left < maxX ? 1 : 0;
      const below = top < maxY ? width : 0;
      const p00 = pixels[first] ?? 0;
      const p01 = pixels[first + right] ?? 0;
      const p10 = pixels[first + below] ?? 0;
      const p11 = pixels[first + below + right] ?? 0;
      const redBlue =
        (Math.imul(p00 & RED_BLUE, w00) +
          Math.imul(p01 & RED_BLUE, w01) +
          Math.imul(p10 & RED_BLUE, w10) +
          Math.imul(p11 & RED_BLUE, w11) +
          HALF_RED_BLUE) |
        0;
      const green =
        (((p00 >> 8) & 0xff) * w00 +
          ((p01 >> 8) & 0xff) * w01 +
          ((p10 >> 8) & 0xff) * w10 +
          ((p11 >> 8) & 0xff) * w11 +
          ONE / 2) >>
        8;
      data[to + blueAt] = blueLevels[redBlue >>> 24] ?? 0;
      data[to + plane] = greenLevels[green] ?? 0;
      data[to + redAt] = redLevels[(redBlue >>> 8) & 0xff] ?? 0;
      x += alongX;
      y += alongY;
    }
    for (let channel = 0; channel < 3; channel += 1) {
      data.fill(0, end + channel * plane, start + stride + channel * plane);
    }
  }
}

type Levels = readonly [first: Float32Array, second: Float32Array, third: Float32Array];

const LEVELS = new WeakMap<Normalisation, Levels>();

/** The 256 normalised values of each channel: a look-up is cheaper than the arithmetic. */
function normalisedLevels(normalisation: Normalisation): Levels {
  const known = LEVELS.get(normalisation);
  if (known !== undefined) return known;
  const { mean, deviation } = normalisation;
  const levels = (channel: 0 | 1 | 2): Float32Array =>
    Float32Array.from({ length: 256 }, (_, level) => (level / 255 - mean[channel]) / deviation[channel]);
  const made: Levels = [levels(0), levels(1), levels(2)];
  LEVELS.set(normalisation, made);
  return made;
}
