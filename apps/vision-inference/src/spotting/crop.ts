import { type Projection, project } from './resample.js';
import type { Corners, Crop, Raster } from './task.js';
import { distance } from './text-boxes.js';

/** Rows of a line as the recogniser reads it. */
export const LINE_HEIGHT = 48;
/** Longer lines are squeezed: a bound on the work that one line can ask for. */
const MAX_LINE_WIDTH = 3200;
/** From this ratio of height to width the text runs downwards: PaddleOCR's figure. */
const UPRIGHT_RATIO = 1.5;

/** Cuts a line out of its page, straightened, its height scaled to {@link LINE_HEIGHT}. */
export function cropLine(page: Raster, box: Corners): Crop {
  const corners = turnUpright(box);
  const [topLeft, topRight, bottomRight, bottomLeft] = corners;
  const across = Math.max(distance(topLeft, topRight), distance(bottomLeft, bottomRight), 1);
  const down = Math.max(distance(topLeft, bottomLeft), distance(topRight, bottomRight), 1);
  const width = Math.min(MAX_LINE_WIDTH, Math.max(1, Math.ceil((LINE_HEIGHT * across) / down)));
  const data = project(page, ontoCorners(corners, width, LINE_HEIGHT), width, LINE_HEIGHT);
  const round = (value: number): number => Math.round(value * 10) / 10;
  return {
    width,
    height: LINE_HEIGHT,
    data,
    quadrilateral: [
      [round(topLeft[0]), round(topLeft[1])],
      [round(topRight[0]), round(topRight[1])],
      [round(bottomRight[0]), round(bottomRight[1])],
      [round(bottomLeft[0]), round(bottomLeft[1])],
    ],
  };
}

/** A tall box holds a line that runs downwards: its reading direction starts at its top right. */
function turnUpright(box: Corners): Corners {
  const [topLeft, topRight, bottomRight, bottomLeft] = box;
  const across = Math.max(distance(topLeft, topRight), distance(bottomLeft, bottomRight));
  const down = Math.max(distance(topLeft, bottomLeft), distance(topRight, bottomRight));
  return down >= across * UPRIGHT_RATIO ? [topRight, bottomRight, bottomLeft, topLeft] : box;
}

/** The projection of a `width` by `height` rectangle onto four corners (Heckbert's unit square, scaled). */
export function ontoCorners(corners: Corners, width: number, height: number): Projection {
  const [[x0, y0], [x1, y1], [x2, y2], [x3, y3]] = corners;
  const dx1 = x1 - x2;
  const dx2 = x3 - x2;
  const dy1 = y1 - y2;
  const dy2 = y3 - y2;
  const sx = x0 - x1 + x2 - x3;
  const sy = y0 - y1 + y2 - y3;
  const determinant = dx1 * dy2 - dx2 * dy1;
  const g = determinant === 0 ? 0 : (sx * dy2 - dx2 * sy) / determinant;
  const h = determinant === 0 ? 0 : (dx1 * sy - sx * dy1) / determinant;
  return {
    a: (x1 - x0 + g * x1) / width,
    b: (x3 - x0 + h * x3) / height,
    c: x0,
    d: (y1 - y0 + g * y1) / width,
    e: (y3 - y0 + h * y3) / height,
    f: y0,
    g: g / width,
    h: h / height,
  };
}
