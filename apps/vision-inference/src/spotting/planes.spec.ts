import { describe, expect, it } from 'vitest';
import {
  drawPlanes,
  type Normalisation,
  type Parallelogram,
  type Planes,
  Scratch,
  wholeOf,
} from './planes.js';
import { type Raster, rasterOf } from './raster.js';

/** Answers the level itself, but for a shift that tells the channels apart. */
const plain: Normalisation = { mean: [0, 0, 0], deviation: [1 / 255, 1 / 255, 1 / 255] };

/** Red counts columns, green rows, blue is one. */
function ramp(width: number, height: number): Raster {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, index) => {
    const pixel = Math.trunc(index / 3);
    return [pixel % width, Math.trunc(pixel / width), 1][index % 3] ?? 0;
  });
  return rasterOf({ width, height, data });
}

function draw(
  raster: Raster,
  area: Parallelogram,
  shape: Partial<Planes> & { width: number; height: number },
) {
  const stride = shape.stride ?? shape.width;
  const data = new Float32Array(3 * stride * shape.height).fill(-1);
  drawPlanes(raster, area, { data, offset: 0, stride, ...shape }, plain);
  const plane = (index: number): number[] =>
    [...data.subarray(index * stride * shape.height, (index + 1) * stride * shape.height)].map(Math.round);
  return { blue: plane(0), green: plane(1), red: plane(2) };
}

describe('drawPlanes', () => {
  it('draws red first for models that want it so', () => {
    const data = new Float32Array(3 * 3 * 2);
    const into = { data, offset: 0, width: 3, height: 2, stride: 3 };

    drawPlanes(ramp(3, 2), wholeOf({ width: 3, height: 2 }), into, { ...plain, order: 'rgb' });

    expect([...data].map(Math.round)).toEqual([0, 1, 2, 0, 1, 2, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
  });

  it('copies an area of its own size, blue first', () => {
    const { blue, green, red } = draw(ramp(3, 2), wholeOf({ width: 3, height: 2 }), { width: 3, height: 2 });

    expect(blue).toEqual([1, 1, 1, 1, 1, 1]);
    expect(green).toEqual([0, 0, 0, 1, 1, 1]);
    expect(red).toEqual([0, 1, 2, 0, 1, 2]);
  });

  it('pads to the right with zero', () => {
    const { red } = draw(ramp(2, 2), wholeOf({ width: 2, height: 2 }), { width: 2, height: 2, stride: 4 });

    expect(red).toEqual([0, 1, 0, 0, 0, 1, 0, 0]);
  });

  it('follows a parallelogram that lies on its side', () => {
    const upwards: Parallelogram = [
      [0, 3],
      [0, 0],
      [2, 3],
    ];

    const { green, red } = draw(ramp(2, 3), upwards, { width: 3, height: 2 });

    expect(green).toEqual([2, 1, 0, 2, 1, 0]); // along the text one goes up the page
    expect(red).toEqual([0, 0, 0, 1, 1, 1]);
  });

  it('repeats the edge beyond the page', () => {
    const beyond: Parallelogram = [
      [-2, 0],
      [4, 0],
      [-2, 1],
    ];

    expect(draw(ramp(2, 1), beyond, { width: 6, height: 1 }).red).toEqual([0, 0, 0, 1, 1, 1]);
  });

  it('mixes neighbours between pixels', () => {
    const raster = rasterOf({ width: 2, height: 1, data: Uint8Array.of(0, 0, 0, 200, 0, 0) });

    expect(draw(raster, wholeOf(raster), { width: 4, height: 1 }).red).toEqual([0, 50, 150, 200]);
  });

  it('keeps full channels full between full neighbours', () => {
    const raster = rasterOf({ width: 2, height: 2, data: new Uint8Array(12).fill(255) });

    const { red, green, blue } = draw(raster, wholeOf(raster), { width: 5, height: 3 });

    expect(new Set([...red, ...green, ...blue])).toEqual(new Set([255]));
  });

  it('normalises each channel by its own figures', () => {
    const data = new Float32Array(3);
    const raster = rasterOf({ width: 1, height: 1, data: Uint8Array.of(255, 0, 51) });

    drawPlanes(
      raster,
      wholeOf(raster),
      { data, offset: 0, width: 1, height: 1, stride: 1 },
      { mean: [0.1, 0.5, 0.5], deviation: [0.5, 0.25, 0.5] },
    );

    expect([...data].map((value) => Math.round(value * 100) / 100)).toEqual([0.2, -2, 1]); // blue, green, red
  });
});

describe('Scratch', () => {
  it('keeps its memory while it is large enough', () => {
    const scratch = new Scratch();
    const large = scratch.take(10);

    expect(scratch.take(4).buffer).toBe(large.buffer);
    expect(scratch.take(11).buffer).not.toBe(large.buffer);
  });
});
