import { type Pyramid, sampleParallelogram } from './resample.js';
import type { Corners, Crop, Point } from './task.js';
import { distance } from './text-boxes.js';

/** Rows of a line as the recogniser reads it. */
export const LINE_HEIGHT = 48;
/** Longer lines are squeezed: a bound on the work that one line can ask for. */
const MAX_LINE_WIDTH = 3200;
/** From this ratio of height to width the text runs downwards: PaddleOCR's figure. */
const UPRIGHT_RATIO = 1.5;

/** Cuts a line out of its page, straightened, its height scaled to {@link LINE_HEIGHT}. */
export function cropLine(
  page: Pyramid,
  size: { readonly width: number; readonly height: number },
  box: Corners,
): Crop {
  const corners = turnUpright(box);
  const [topLeft, topRight, , bottomLeft] = corners;
  const across = Math.max(1, distance(topLeft, topRight));
  const down = Math.max(1, distance(topLeft, bottomLeft));
  const width = Math.min(MAX_LINE_WIDTH, Math.max(1, Math.ceil((LINE_HEIGHT * across) / down)));
  const { raster, scale } = page.levelFor(down / LINE_HEIGHT);
  const placed = (corner: Point): Point => [corner[0] * scale, corner[1] * scale];
  const data = sampleParallelogram(
    raster,
    [placed(topLeft), placed(topRight), placed(bottomLeft)],
    width,
    LINE_HEIGHT,
  );
  const [a, b, c, d] = corners;
  const inside = ([x, y]: Point): [number, number] => [
    tenth(clamp(x, size.width)),
    tenth(clamp(y, size.height)),
  ];
  const line = { width, height: LINE_HEIGHT, data };
  return { ...line, quadrilateral: [inside(a), inside(b), inside(c), inside(d)] };
}

/** A tall box holds a line that runs downwards: its reading direction starts at its top right. */
function turnUpright(box: Corners): Corners {
  const [topLeft, topRight, bottomRight, bottomLeft] = box;
  const across = distance(topLeft, topRight);
  const down = distance(topLeft, bottomLeft);
  return down >= across * UPRIGHT_RATIO ? [topRight, bottomRight, bottomLeft, topLeft] : box;
}

const clamp = (value: number, max: number): number => Math.min(Math.max(value, 0), max);
const tenth = (value: number): number => Math.round(value * 10) / 10;
