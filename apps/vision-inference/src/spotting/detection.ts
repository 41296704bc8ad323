import type { Session } from '@trivium/onnx';
import type { OpenCv } from './opencv.js';
import { type Pyramid, resize } from './resample.js';
import type { Corners, Point, Raster } from './task.js';
import { DETECTION_NORMALISATION, fillPlanes, Scratch } from './tensor.js';
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
    const { raster: page } = pyramid.levelFor(1);
    const { width, height } = detectionSize(page, this.longestSide);
    const { raster: near } = pyramid.levelFor(page.width / width);
    const map = await this.#probabilities(resize(near, width, height));
    const scaleX = page.width / width;
    const scaleY = page.height / height;
    const place = ([x, y]: Point): Point => [x * scaleX, y * scaleY];
    return findTextBoxes(this.cv, map, width, height).map(([topLeft, topRight, bottomRight, bottomLeft]) => [
      place(topLeft),
      place(topRight),
      place(bottomRight),
      place(bottomLeft),
    ]);
  }

  async #probabilities(raster: Raster): Promise<Float32Array> {
    const { width, height } = raster;
    const data = this.#scratch.take(3 * width * height);
    fillPlanes(data, 0, raster, width, DETECTION_NORMALISATION);
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
