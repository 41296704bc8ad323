import { describe, expect, it } from 'vitest';
import { Pyramid } from '../spotting/pyramid.js';
import { blankRaster } from '../spotting/raster.js';
import { drawSquare, squareAround } from './square.js';

const HALVES = { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] } as const;

describe('drawSquare', () => {
  it('is black where the picture, or the box of it, does not reach', () => {
    const data = new Float32Array(3 * 16).fill(9);
    const paper = new Pyramid(blankRaster(4, 2));
    const visible = { left: 0, top: 0, right: 3, bottom: 2 };

    drawSquare(paper, { left: -1, top: 0, size: 4 }, visible, { data, offset: 0, side: 4 }, HALVES);

    const rows = Array.from({ length: 4 }, (_, row) => [...data.subarray(row * 4, row * 4 + 4)]);
    expect(rows).toEqual([
      [-1, 1, 1, 1],
      [-1, 1, 1, 1],
      [-1, -1, -1, -1],
      [-1, -1, -1, -1],
    ]);
    expect([...data.subarray(16, 32)]).toEqual([...data.subarray(0, 16)]);
  });
});

describe('squareAround', () => {
  it('is as wide as the longer side, about the same middle', () => {
    expect(squareAround({ left: 10, top: 0, right: 20, bottom: 40 })).toEqual({ left: -5, top: 0, size: 40 });
  });
});
