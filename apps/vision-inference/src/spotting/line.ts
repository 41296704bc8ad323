import { drawPlanes, LINE_NORMALISATION, type Planes } from './planes.js';
import type { Pyramid } from './pyramid.js';
import type { Corners, LinePlace } from './task.js';
import { distance } from './text-boxes.js';

/** Rows of a line as the recogniser reads it. */
export const LINE_HEIGHT = 48;
/** Longer lines are squeezed: a bound on the work that one line can ask for. */
const MAX_COLUMNS = 3200;
/** From this ratio of height to width the text runs downwards: PaddleOCR's figure. */
const UPRIGHT_RATIO = 1.5;

/** Where a line begins and how long it is when its height is scaled to {@link LINE_HEIGHT}. */
export function placeLine(box: Corners): LinePlace {
  const corners = turnUpright(box);
  const [topLeft, topRight, , bottomLeft] = corners;
  const across = distance(topLeft, topRight);
  const down = Math.max(1, distance(topLeft, bottomLeft));
  const columns = Math.min(MAX_COLUMNS, Math.max(1, Math.ceil((LINE_HEIGHT * across) / down)));
  return { corners, columns };
}

/** A tall box holds a line that runs downwards: its reading direction starts at its top right. */
function turnUpright(box: Corners): Corners {
  const [topLeft, topRight, bottomRight, bottomLeft] = box;
  const across = distance(topLeft, topRight);
  const down = distance(topLeft, bottomLeft);
  return down >= across * UPRIGHT_RATIO ? [topRight, bottomRight, bottomLeft, topLeft] : box;
}

/** The same line for a reader who stands on the other side of the table. */
export function turnAround([topLeft, topRight, bottomRight, bottomLeft]: Corners): Corners {
  return [bottomRight, bottomLeft, topLeft, topRight];
}

/** Draws a line, straightened, into a model's input. */
export function drawLine(page: Pyramid, [topLeft, topRight, , bottomLeft]: Corners, into: Planes): void {
  const step = distance(topLeft, bottomLeft) / into.height;
  const { raster, area } = page.place([topLeft, topRight, bottomLeft], step);
  drawPlanes(raster, area, into, LINE_NORMALISATION);
}
