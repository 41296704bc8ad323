import type { Parallelogram } from './planes.js';
import type { Point, Raster } from './task.js';

/** A page and its halves, made when first asked for: text is sampled where it has about the size it will get. */
export class Pyramid {
  readonly #levels: Raster[];

  constructor(readonly page: Raster) {
    this.#levels = [page];
  }

  /** Bytes of the pixels that it holds. */
  get bytes(): number {
    return this.#levels.reduce((sum, { data }) => sum + data.byteLength, 0);
  }

  /** The smallest level on which there are still as many source pixels as output pixels, and the area on it. */
  place(area: Parallelogram, step: number): { readonly raster: Raster; readonly area: Parallelogram } {
    const level = Math.max(0, Math.floor(Math.log2(step)));
    for (let known = this.#levels.length; known <= level; known += 1) {
      this.#levels.push(halve(this.#level(known - 1)));
    }
    const scale = 2 ** -level;
    const [topLeft, topRight, bottomLeft] = area;
    const placed = ([x, y]: Point): Point => [x * scale, y * scale];
    return { raster: this.#level(level), area: [placed(topLeft), placed(topRight), placed(bottomLeft)] };
  }

  #level(index: number): Raster {
    const raster = this.#levels[index];
    if (raster === undefined) throw new RangeError(`No level ${index}`);
    return raster;
  }
}

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
        const upper = (data[from] ?? 0) + (data[from + right] ?? 0);
        half[to] = (upper + (data[from + below] ?? 0) + (data[from + below + right] ?? 0) + 2) >> 2;
      }
      from += 3;
    }
  }
  return { width: halfWidth, height: halfHeight, data: half };
}
