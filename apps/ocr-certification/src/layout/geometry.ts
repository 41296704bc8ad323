import type { Quadrilateral } from '@trivium/contracts/content';

export type Point = readonly [number, number];

/** Corners in a quadrilateral's order, wherever they have been moved to. */
export type Corners = readonly [Point, Point, Point, Point];

export function moveCorners([first, second, third, fourth]: Corners, move: (point: Point) => Point): Corners {
  return [move(first), move(second), move(third), move(fourth)];
}

/** An upright rectangle in straightened coordinates. */
export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export const heightOf = (box: Box): number => box.bottom - box.top;
export const widthOf = (box: Box): number => box.right - box.left;
export const middleOf = (box: Box): number => (box.top + box.bottom) / 2;

/** The part of a quadrilateral between two shares of its reading direction. */
export function sliceQuadrilateral(
  [topLeft, topRight, bottomRight, bottomLeft]: Quadrilateral,
  from: number,
  to: number,
): Quadrilateral {
  return [
    between(topLeft, topRight, from),
    between(topLeft, topRight, to),
    between(bottomLeft, bottomRight, to),
    between(bottomLeft, bottomRight, from),
  ];
}

/** From the left edge of the first to the right edge of the last, which stands in the same row. */
export function spanQuadrilaterals(first: Quadrilateral, last: Quadrilateral): Quadrilateral {
  return [first[0], last[1], last[2], first[3]];
}

/** The upright rectangle around several quadrilaterals, for what stands on more than one row. */
export function surround(quadrilaterals: readonly Quadrilateral[]): Quadrilateral {
  const xs = quadrilaterals.flatMap((corners) => corners.map(([x]) => x));
  const ys = quadrilaterals.flatMap((corners) => corners.map(([, y]) => y));
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  return [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ];
}

function between([fromX, fromY]: Point, [toX, toY]: Point, share: number): [number, number] {
  return [fromX + (toX - fromX) * share, fromY + (toY - fromY) * share];
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
