import { beforeAll, describe, expect, it } from 'vitest';
import { loadOpenCv, type OpenCv } from './opencv.js';
import type { Corners } from './task.js';
import { findTextBoxes, meanInside } from './text-boxes.js';

const WIDTH = 200;
const HEIGHT = 100;
let cv: OpenCv;

beforeAll(async () => {
  ({ cv } = await loadOpenCv());
});

/** A probability map with filled rectangles. */
function mapOf(
  ...areas: { x: number; y: number; width: number; height: number; value?: number }[]
): Float32Array {
  const map = new Float32Array(WIDTH * HEIGHT);
  for (const { x, y, width, height, value = 0.9 } of areas) {
    for (let row = y; row < y + height; row += 1) map.fill(value, row * WIDTH + x, row * WIDTH + x + width);
  }
  return map;
}

const find = (map: Float32Array): Corners[] => findTextBoxes(cv, map, WIDTH, HEIGHT);
const rounded = (corners: Corners | undefined): number[][] =>
  (corners ?? []).map(([x, y]) => [Math.round(x), Math.round(y)]);

describe('findTextBoxes', () => {
  it('grows a box by area times ratio over perimeter, corners clockwise from the top left', () => {
    const [box] = find(mapOf({ x: 50, y: 40, width: 61, height: 11 })); // 60 by 10 between pixel centres

    const grown = (60 * 10 * 1.8) / (2 * (60 + 10)); // 7.7
    expect(rounded(box)).toEqual([
      [Math.round(50 - grown), Math.round(40 - grown)],
      [Math.round(110 + grown), Math.round(40 - grown)],
      [Math.round(110 + grown), Math.round(50 + grown)],
      [Math.round(50 - grown), Math.round(50 + grown)],
    ]);
  });

  it('keeps two columns apart that stand side by side', () => {
    expect(
      find(mapOf({ x: 10, y: 10, width: 80, height: 8 }, { x: 94, y: 10, width: 80, height: 8 })),
    ).toHaveLength(2);
  });

  it('drops what is thin, and what is not text for sure', () => {
    expect(find(mapOf({ x: 10, y: 10, width: 80, height: 2 }))).toEqual([]);
    expect(find(mapOf({ x: 10, y: 10, width: 80, height: 8, value: 0.5 }))).toEqual([]);
  });

  it('follows a line that is written aslant', () => {
    const map = new Float32Array(WIDTH * HEIGHT);
    for (let x = 20; x < 160; x += 1) {
      for (let y = 0; y < 10; y += 1) map[(30 + Math.round((x - 20) * 0.2) + y) * WIDTH + x] = 0.9;
    }

    const [box] = find(map);

    const [[x0, y0] = [0, 0], [x1, y1] = [0, 0]] = box ?? [];
    expect((y1 - y0) / (x1 - x0)).toBeCloseTo(0.2, 1);
  });

  it('finds nothing on blank paper', () => {
    expect(find(mapOf())).toEqual([]);
  });
});

describe('meanInside', () => {
  it('counts the pixels inside alone', () => {
    const map = mapOf({ x: 0, y: 0, width: 10, height: 100, value: 1 });
    const corners: Corners = [
      [5, 10],
      [14, 10],
      [14, 20],
      [5, 20],
    ];

    expect(meanInside(map, WIDTH, HEIGHT, corners)).toBeCloseTo(0.5, 5);
  });
});
