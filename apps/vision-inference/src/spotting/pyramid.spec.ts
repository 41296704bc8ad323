import { describe, expect, it } from 'vitest';
import { wholeOf } from './planes.js';
import { Pyramid } from './pyramid.js';
import { blankRaster, halve, type Raster, rasterOf } from './raster.js';

const grey = (width: number, height: number, ...levels: number[]): Raster =>
  rasterOf({ width, height, data: Uint8Array.from(levels.flatMap((level) => [level, level, level])) });

describe('halve', () => {
  it('takes the mean of four, and drops an odd last column', () => {
    expect(halve(grey(3, 2, 10, 20, 99, 30, 40, 99))).toEqual(grey(1, 1, 25));
  });

  it('keeps the channels apart, to their limits', () => {
    const data = Uint8Array.of(255, 0, 255, 255, 0, 255, 255, 0, 255, 255, 3, 254);

    expect(halve(rasterOf({ width: 2, height: 2, data }))).toEqual(
      rasterOf({ width: 1, height: 1, data: Uint8Array.of(255, 1, 255) }),
    );
  });

  it('leaves a single row or column', () => {
    expect(halve(grey(1, 2, 10, 20))).toEqual(grey(1, 1, 15));
  });
});

describe('Pyramid', () => {
  const page = blankRaster(8, 8);

  it.each([
    [0.5, 8],
    [1, 8],
    [1.9, 8],
    [2, 4],
    [5, 2],
  ])('samples %d source pixels per pixel from a page %d wide', (step, width) => {
    expect(new Pyramid(page).place(wholeOf(page), step).raster.width).toBe(width);
  });

  it('moves the area onto the level', () => {
    const { area } = new Pyramid(page).place(wholeOf(page), 4);

    expect(area).toEqual([
      [0, 0],
      [2, 0],
      [0, 2],
    ]);
  });
});
