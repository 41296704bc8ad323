import { Random } from '@trivium/onnx/synthesis';
import { describe, expect, it } from 'vitest';
import { readersOf, waited } from './patience.js';

const CROWD = { readers: 4_001, meanGapMs: 400, medianPatienceMs: 2_500, spread: 0.8 };

describe('readersOf', () => {
  it('gives the same readers for the same seed and others for another', () => {
    const readers = readersOf(CROWD, new Random(5));
    expect(readersOf(CROWD, new Random(5))).toEqual(readers);
    expect(readersOf(CROWD, new Random(6))).not.toEqual(readers);
  });

  it('has the mean gap, the median and the spread that were asked for', () => {
    const readers = readersOf(CROWD, new Random(5));
    const logs = readers.map(({ patienceMs }) => Math.log(patienceMs)).sort((a, b) => a - b);
    expect((readers.at(-1)?.arrivesMs ?? 0) / readers.length / CROWD.meanGapMs).toBeCloseTo(1, 1);
    expect(Math.exp(logs[2_000] ?? 0) / CROWD.medianPatienceMs).toBeCloseTo(1, 1);
    const mean = logs.reduce((sum, log) => sum + log, 0) / logs.length;
    const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0) / logs.length;
    expect(Math.sqrt(variance)).toBeCloseTo(CROWD.spread, 1);
  });
});

describe('waited', () => {
  it.each([
    [300, 1_000, 300],
    [1_200, 1_000, 1_000],
    [undefined, 1_000, 1_000],
  ])('shown at %s with patience for %s is a wait of %s', (shown, patience, wait) => {
    expect(waited(shown, patience)).toBe(wait);
  });
});
