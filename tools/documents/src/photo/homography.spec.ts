import { expect, it } from 'vitest';
import { type Corners, homography, type Point } from './homography.js';

const FROM: Corners = [
  [0, 0],
  [100, 0],
  [100, 50],
  [0, 50],
];
const TO: Corners = [
  [12, 7],
  [95, 14],
  [101, 66],
  [3, 55],
];

function apply(
  [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 1]: Float64Array,
  [x, y]: Point,
): number[] {
  const depth = g * x + h * y + i;
  return [(a * x + b * y + c) / depth, (d * x + e * y + f) / depth];
}

it('maps every corner to its corner and straight lines to straight lines', () => {
  const matrix = homography(FROM, TO);

  FROM.forEach((corner, index) => {
    const [x = 0, y = 0] = apply(matrix, corner);
    expect(x).toBeCloseTo(TO[index]?.[0] ?? Number.NaN, 8);
    expect(y).toBeCloseTo(TO[index]?.[1] ?? Number.NaN, 8);
  });
  const [[x1, y1], [x2, y2], [x3, y3]] = [10, 50, 90].map((x) => apply(matrix, [x, 25])) as [
    number[],
    number[],
    number[],
  ] as [[number, number], [number, number], [number, number]];
  expect((x2 - x1) * (y3 - y1) - (x3 - x1) * (y2 - y1)).toBeCloseTo(0, 8);
});
