import type { Box, Square } from './square.js';

/** Share of the longer side that a closer view shows; two of them share a tenth of it. */
const CLOSER = 0.55;
/** Of a view's size: what ends so near to a border inside of the picture may go on beyond it. */
const MARGIN = 0.01;

/** The square that shows all of the picture. */
export function wholeView({ width, height }: Size): Square {
  return { left: 0, top: 0, size: Math.max(width, height) };
}

/** Squares that show the picture almost twice as large, two along each side that is longer than one of them. */
export function closerViews({ width, height }: Size): Square[] {
  const size = Math.max(width, height) * CLOSER;
  const places = (length: number): number[] => (length <= size ? [0] : [0, length - size]);
  return places(height).flatMap((top) => places(width).map((left) => ({ left, top, size })));
}

/** Whether a box ends inside of its view, or where the picture ends too. */
export function isWhole(box: Box, { left, top, size }: Square, { width, height }: Size): boolean {
  const margin = size * MARGIN;
  const [right, bottom] = [left + size, top + size];
  return (
    (left <= 0 || box.left > left + margin) &&
    (top <= 0 || box.top > top + margin) &&
    (right >= width || box.right < right - margin) &&
    (bottom >= height || box.bottom < bottom - margin)
  );
}

interface Size {
  readonly width: number;
  readonly height: number;
}
