import type { Point, Raster } from './task.js';

/** Half the width and height, each pixel the mean of four. An odd last row or column is dropped. */
export function halve({ width, height, data }: Raster): Raster {
  const halfWidth = Math.max(1, width >> 1);
  const halfHeight = Math.max(1, height >> 1);
  const stride = width * 3;
  const right = width > 1 ? 3 : 0;
  const below = height > 1 ? stride : 0;
  const half = new Uint8Array(halfWidth * halfHeight * 3);
  let to = 0;
  for (let row = 0; row < halfHeight; row += 1) {
    let from = row * 2 * stride;
    for (let column = 0; column < halfWidth; column += 1) {
      for (let channel = 0; channel < 3; channel += 1, to += 1, from += 1) {
        const upper = at(data, from) + at(data, from + right);
        half[to] = (upper + at(data, from + below) + at(data, from + below + right) + 2) >> 2;
      }
      from += 3;
    }
  }
  return { width: halfWidth, height: halfHeight, data: half };
}

/** A page and its halves, made when they are first asked for: text is sampled where it has about the size it will get. */
export class Pyramid {
  readonly #levels: Raster[];

  constructor(page: Raster) {
    this.#levels = [page];
  }

  /** The smallest level on which `step` source pixels per output pixel are still at least one. */
  levelFor(step: number): { readonly raster: Raster; readonly scale: number } {
    const level = Math.max(0, Math.floor(Math.log2(step)));
    for (let known = this.#levels.length; known <= level; known += 1) {
      this.#levels.push(halve(this.#level(known - 1)));
    }
    return { raster: this.#level(level), scale: 2 ** -level };
  }

  #level(index: number): Raster {
    const raster = this.#levels[index];
    if (raster === undefined) throw new RangeError(`No level ${index}`);
    return raster;
  }
}

/** Weights of two neighbours, in 1/256. */
const ONE = 256;

/** Stretches a whole raster to a size, bilinear. */
export function resize(source: Raster, width: number, height: number): Raster {
  if (source.width === width && source.height === height) return source;
  const columns = neighbours(source.width, width, 3);
  const rows = neighbours(source.height, height, source.width * 3);
  const { data } = source;
  const output = new Uint8Array(width * height * 3);
  let to = 0;
  for (let row = 0; row < height; row += 1) {
    const upper = at(rows.first, row);
    const lower = at(rows.second, row);
    const down = at(rows.weight, row);
    const up = ONE - down;
    for (let column = 0; column < width; column += 1) {
      const left = at(columns.first, column);
      const right = at(columns.second, column);
      const after = at(columns.weight, column);
      const before = ONE - after;
      for (let channel = 0; channel < 3; channel += 1, to += 1) {
        const above = at(data, upper + left + channel) * before + at(data, upper + right + channel) * after;
        const beneath = at(data, lower + left + channel) * before + at(data, lower + right + channel) * after;
        output[to] = (above * up + beneath * down + 0x8000) >> 16;
      }
    }
  }
  return { width, height, data: output };
}

/** For each place along one axis of the output: offsets of the two source places around it, and the second's weight. */
function neighbours(
  from: number,
  to: number,
  stride: number,
): { first: Int32Array; second: Int32Array; weight: Int32Array } {
  const first = new Int32Array(to);
  const second = new Int32Array(to);
  const weight = new Int32Array(to);
  for (let index = 0; index < to; index += 1) {
    const place = Math.min(Math.max(((index + 0.5) * from) / to - 0.5, 0), from - 1);
    const whole = Math.floor(place);
    first[index] = whole * stride;
    second[index] = Math.min(whole + 1, from - 1) * stride;
    weight[index] = Math.round((place - whole) * ONE);
  }
  return { first, second, weight };
}

/**
 * Samples a parallelogram, given by three corners in source pixels, into `width` by `height` pixels:
 * bilinear, edges repeated beyond the source.
 */
export function sampleParallelogram(
  source: Raster,
  [origin, alongEnd, downEnd]: readonly [topLeft: Point, topRight: Point, bottomLeft: Point],
  width: number,
  height: number,
): Uint8Array {
  const { data } = source;
  const stride = source.width * 3;
  const maxX = source.width - 1;
  const maxY = source.height - 1;
  const alongX = (alongEnd[0] - origin[0]) / width;
  const alongY = (alongEnd[1] - origin[1]) / width;
  const downX = (downEnd[0] - origin[0]) / height;
  const downY = (downEnd[1] - origin[1]) / height;
  const output = new Uint8Array(width * height * 3);
  let to = 0;
  for (let row = 0; row < height; row += 1) {
    let x = origin[0] + downX * (row + 0.5) + alongX * 0.5 - 0.5;
    let y = origin[1] + downY * (row + 0.5) + alongY * 0.5 - 0.5;
    for (let column = 0; column < width; column += 1) {
      const insideX = x < 0 ? 0 : x > maxX ? maxX : x;
      const insideY = y < 0 ? 0 : y > maxY ? maxY : y;
      const left = insideX | 0;
      const top = insideY | 0;
      const after = ((insideX - left) * ONE) | 0;
      const down = ((insideY - top) * ONE) | 0;
      const before = ONE - after;
      const up = ONE - down;
      const above = top * stride + left * 3;
      const next = left < maxX ? 3 : 0;
      const below = above + (top < maxY ? stride : 0);
      for (let channel = 0; channel < 3; channel += 1, to += 1) {
        const upper = at(data, above + channel) * before + at(data, above + next + channel) * after;
        const lower = at(data, below + channel) * before + at(data, below + next + channel) * after;
        output[to] = (upper * up + lower * down + 0x8000) >> 16;
      }
      x += alongX;
      y += alongY;
    }
  }
  return output;
}

/** Indices here are in range by construction; the fallback satisfies the type and costs nothing. */
const at = (values: Uint8Array | Int32Array, index: number): number => values[index] ?? 0;
