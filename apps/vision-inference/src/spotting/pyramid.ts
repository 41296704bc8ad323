import type { Parallelogram } from './planes.js';
import { halve, type Raster } from './raster.js';
import type { Point } from './task.js';

/** A page and its halves, made when first asked for: text is sampled where it has about the size it will get. */
export class Pyramid {
  readonly #levels: Raster[];

  constructor(readonly page: Raster) {
    this.#levels = [page];
  }

  /** Bytes of the pixels that it holds. */
  get bytes(): number {
    return this.#levels.reduce((sum, { pixels }) => sum + pixels.byteLength, 0);
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
