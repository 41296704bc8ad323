import type { Session } from '@trivium/onnx';
import type { OpenCv } from './opencv.js';
import { DETECTION_NORMALISATION, drawPlanes, Scratch, wholeOf } from './planes.js';
import type { Pyramid } from './pyramid.js';
import type { Raster } from './raster.js';
import type { Corners, Point } from './task.js';
import { findTextBoxes } from './text-boxes.js';

/** The detector halves its input five times. */
const GRAIN = 32;

export class Detector {
  readonly #scratch = new Scratch();

  constructor(
    private readonly cv: OpenCv,
    private readonly session: Session,
    /** Pixels of the longer side that the detector sees. */
    private readonly longestSide: number,
  ) {}

  /** Boxes of text lines in the page's pixels; they may reach over its edge. */
  async find(pyramid: Pyramid): Promise<Corners[]> {
    const { page } = pyramid;
    const { width, height } = detectionSize(page, this.longestSide);
    const map = await this.#probabilities(pyramid, width, height);
    const place = ([x, y]: Point): Point => [(x * page.width) / width, (y * page.height) / height];
    return findTextBoxes(this.cv, map, width, height).map(([topLeft, topRight, bottomRight, bottomLeft]) => [
      place(topLeft),
      place(topRight),
      place(bottomRight),
      place(bottomLeft),
    ]);
  }

  async #probabilities(pyramid: Pyramid, width: number, height: number): Promise<Float32Array> {
    const data = this.#scratch.take(3 * width * height);
    const { raster, area } = pyramid.place(wholeOf(pyramid.page), pyramid.page.width / width);
    drawPlanes(raster, area, { data, offset: 0, width, height, stride: width }, DETECTION_NORMALISATION);
    const [inputName = ''] = this.session.inputNames;
    const [outputName = ''] = this.session.outputNames;
    const { [outputName]: output } = await this.session.run({
      [inputName]: { data, dims: [1, 3, height, width] },
    });
    if (output === undefined) throw new TypeError('The detector gave no output');
    return output.data;
  }
}

/** Shrinks to the longest side, never enlarges, and rounds each side to the detector's grain. */
export function detectionSize(
  { width, height }: Pick<Raster, 'width' | 'height'>,
  longestSide: number,
): { width: number; height: number } {
  const scale = Math.min(1, longestSide / Math.max(width, height));
  const side = (length: number): number => Math.max(GRAIN, Math.round((length * scale) / GRAIN) * GRAIN);
  return { width: side(width), height: side(height) };
}
