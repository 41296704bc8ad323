import { drawPlanes, type Normalisation } from '../spotting/planes.js';
import type { Pyramid } from '../spotting/pyramid.js';

/** An upright rectangle in pixels of the picture. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** An upright square in pixels of the picture; it may reach beyond it. */
export interface Square {
  readonly left: number;
  readonly top: number;
  readonly size: number;
}

/** Room for one input of a network: three planes of `side` by `side`. */
export interface Room {
  readonly data: Float32Array;
  readonly offset: number;
  readonly side: number;
}

/**
 * Scales a square of the picture into a network's input. What lies outside of `visible` is black, as
 * face-api pads.
 */
export function drawSquare(
  picture: Pyramid,
  { left, top, size }: Square,
  visible: Box,
  { data, offset, side }: Room,
  normalisation: Normalisation,
): void {
  const { raster, area } = picture.place(
    [
      [left, top],
      [left + size, top],
      [left, top + size],
    ],
    size / side,
  );
  drawPlanes(raster, area, { data, offset, width: side, height: side, stride: side }, normalisation);
  const share = (place: number, from: number): number =>
    Math.min(side, Math.max(0, Math.round(((place - from) / size) * side)));
  const [first, last] = [share(visible.left, left), share(visible.right, left)];
  const [above, below] = [share(visible.top, top), share(visible.bottom, top)];
  for (let channel = 0; channel < 3; channel += 1) {
    const black = -(normalisation.mean[channel] ?? 0) / (normalisation.deviation[channel] ?? 1);
    const plane = offset + channel * side * side;
    data.fill(black, plane, plane + above * side);
    data.fill(black, plane + below * side, plane + side * side);
    for (let row = plane + above * side; row < plane + below * side; row += side) {
      data.fill(black, row, row + first);
      data.fill(black, row + last, row + side);
    }
  }
}

/** The square around the middle of a box, as wide as its longer side. */
export function squareAround({ left, top, right, bottom }: Box): Square {
  const size = Math.max(right - left, bottom - top);
  return { left: (left + right - size) / 2, top: (top + bottom - size) / 2, size };
}
