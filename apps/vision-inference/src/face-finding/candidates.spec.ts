import { describe, expect, it } from 'vitest';
import { areaOf, chooseCandidates } from './candidates.js';

const CHOICE = { minConfidence: 0.5, maxOverlap: 0.5, most: 8 };
/** Top, left, bottom, right. */
const boxes = (...all: [number, number, number, number][]): Float32Array => Float32Array.from(all.flat());

describe('chooseCandidates', () => {
  it('takes the surer of two boxes around one face', () => {
    const found = chooseCandidates(
      boxes([0, 0, 0.5, 0.5], [0.025, 0, 0.525, 0.5]),
      Float32Array.of(0.75, 0.875),
      CHOICE,
    );

    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ confidence: 0.875, left: 0, right: 0.5 });
  });

  it('keeps faces that stand side by side, the surest first', () => {
    const found = chooseCandidates(
      boxes([0, 0, 0.5, 0.5], [0, 0.375, 0.5, 0.875]),
      Float32Array.of(0.625, 0.75),
      CHOICE,
    );

    expect(found.map(({ confidence }) => confidence)).toEqual([0.75, 0.625]);
  });

  it('leaves out what is not sure enough, and what is past the most', () => {
    const places = boxes([0, 0, 0.1, 0.1], [0, 0.2, 0.1, 0.3], [0, 0.4, 0.1, 0.5]);

    const found = chooseCandidates(places, Float32Array.of(0.75, 0.25, 0.875), { ...CHOICE, most: 1 });

    expect(found.map(({ confidence }) => confidence)).toEqual([0.875]);
  });

  it('finds nothing where there is nothing', () => {
    expect(chooseCandidates(boxes(), new Float32Array(), CHOICE)).toEqual([]);
  });
});

describe('areaOf', () => {
  it('is 0 for a box without an inside', () => {
    expect(areaOf({ left: 3, right: 2, top: 0, bottom: 5 })).toBe(0);
  });
});
