import type { Quadrilateral } from '@trivium/contracts/content';

/** An upright rectangle in pixels; `right` and `bottom` are just outside. */
export interface Region {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export function cornersOf({ left, right, top, bottom }: Region, scale: number): Quadrilateral {
  const [fromX, toX, fromY, toY] = [left, right, top, bottom].map((value) => Math.round(value * scale));
  return [
    [fromX ?? 0, fromY ?? 0],
    [toX ?? 0, fromY ?? 0],
    [toX ?? 0, toY ?? 0],
    [fromX ?? 0, toY ?? 0],
  ];
}
