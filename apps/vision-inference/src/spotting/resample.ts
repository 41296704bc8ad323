import type { Raster } from './task.js';

/** Maps a place in the output, in pixels, to a place in the source. */
export interface Projection {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
  readonly f: number;
  /** Perspective terms; zero for an affine map. */
  readonly g: number;
  readonly h: number;
}

/** Beyond this shrinkage one tap per output pixel skips over source pixels. */
const MAX_STEP = 1.5;

/**
 * Draws `width` by `height` pixels through a projection, bilinear, edges repeated. Where the source is
 * finer than the output, several taps are averaged so that thin strokes survive.
 */
export function project(source: Raster, projection: Projection, width: number, height: number): Uint8Array {
  const output = new Uint8Array(width * height * 3);
  const { a, b, c, d, e, f, g, h } = projection;
  const tapsX = taps(Math.hypot(a, d));
  const tapsY = taps(Math.hypot(b, e));
  const share = 1 / (tapsX * tapsY);
  const maxX = source.width - 1;
  const maxY = source.height - 1;
  const stride = source.width * 3;
  const { data } = source;
  let at = 0;
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let tap = 0; tap < tapsX * tapsY; tap += 1) {
        const u = column + ((tap % tapsX) + 0.5) / tapsX;
        const v = row + (Math.trunc(tap / tapsX) + 0.5) / tapsY;
        const scale = 1 / (g * u + h * v + 1);
        const x = clamp((a * u + b * v + c) * scale - 0.5, maxX);
        const y = clamp((d * u + e * v + f) * scale - 0.5, maxY);
        const left = x | 0;
        const top = y | 0;
        const fx = x - left;
        const fy = y - top;
        const topLeft = top * stride + left * 3;
        const right = left < maxX ? 3 : 0;
        const below = top < maxY ? stride : 0;
        const w11 = fx * fy;
        const w01 = fx - w11;
        const w10 = fy - w11;
        const w00 = 1 - fx - w10;
        const p01 = topLeft + right;
        const p10 = topLeft + below;
        const p11 = p10 + right;
        red += px(data, topLeft) * w00 + px(data, p01) * w01 + px(data, p10) * w10 + px(data, p11) * w11;
        green +=
          px(data, topLeft + 1) * w00 +
          px(data, p01 + 1) * w01 +
          px(data, p10 + 1) * w10 +
          px(data, p11 + 1) * w11;
        blue +=
          px(data, topLeft + 2) * w00 +
          px(data, p01 + 2) * w01 +
          px(data, p10 + 2) * w10 +
          px(data, p11 + 2) * w11;
      }
      output[at] = red * share + 0.5;
      output[at + 1] = green * share + 0.5;
      output[at + 2] = blue * share + 0.5;
      at += 3;
    }
  }
  return output;
}

const px = (data: Uint8Array, index: number): number => data[index] ?? 0;

function clamp(value: number, max: number): number {
  return value < 0 ? 0 : value > max ? max : value;
}

function taps(step: number): number {
  return Math.max(1, Math.ceil(step / MAX_STEP));
}

/** Stretches the whole raster to a size. */
export function resize(source: Raster, width: number, height: number): Raster {
  if (source.width === width && source.height === height) return source;
  const scale = { a: source.width / width, e: source.height / height, b: 0, c: 0, d: 0, f: 0, g: 0, h: 0 };
  return { width, height, data: project(source, scale, width, height) };
}
