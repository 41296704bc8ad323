import { describe, expect, it } from 'vitest';
import { placeLine, turnAround } from './line.js';
import { groupByLength, paddedColumns } from './recognition.js';
import type { Corners } from './task.js';

const box = (x: number, y: number, width: number, height: number): Corners => [
  [x, y],
  [x + width, y],
  [x + width, y + height],
  [x, y + height],
];

describe('placeLine', () => {
  it('scales a line to the height of the recogniser', () => {
    expect(placeLine(box(10, 10, 100, 24))).toEqual({ corners: box(10, 10, 100, 24), columns: 200 });
  });

  it('reads a tall box from its top right downwards', () => {
    const { corners, columns } = placeLine(box(0, 0, 20, 100));

    expect(corners[0]).toEqual([20, 0]);
    expect(corners[1]).toEqual([20, 100]);
    expect(columns).toBe(240);
  });

  it('leaves a single sign that is a little taller than wide', () => {
    expect(placeLine(box(0, 0, 20, 29)).corners[0]).toEqual([0, 0]);
  });

  it('squeezes a line that would cost too much', () => {
    expect(placeLine(box(0, 0, 10_000, 10)).columns).toBe(3200);
  });
});

describe('turnAround', () => {
  it('starts at the opposite corner', () => {
    expect(turnAround(box(0, 0, 10, 5))[0]).toEqual([10, 5]);
  });
});

describe('groupByLength', () => {
  const group = (...columns: number[]): number[][] =>
    groupByLength(columns.map((one) => ({ columns: one }))).map((run) => run.map((line) => line.columns));

  it('lets lines of nearly one length share a run, longest first', () => {
    expect(group(50, 120, 56, 118)).toEqual([
      [120, 118],
      [56, 50],
    ]);
  });

  it('runs a line apart where padding would cost more than the run', () => {
    expect(group(120, 96)).toEqual([[120], [96]]);
  });

  it('bounds a run by its lines and by its columns', () => {
    expect(group(...new Array<number>(9).fill(40)).map((run) => run.length)).toEqual([8, 1]);
    expect(group(500, 500, 500).map((run) => run.length)).toEqual([2, 1]);
  });
});

describe('paddedColumns', () => {
  it('rounds up to what the recogniser answers for', () => {
    expect([1, 16, 17, 24].map(paddedColumns)).toEqual([16, 16, 24, 24]);
  });
});
