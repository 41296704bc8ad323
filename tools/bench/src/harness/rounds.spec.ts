import { describe, expect, it } from 'vitest';
import { median, quantile, runRounds, toRow } from './rounds.js';

describe('runRounds', () => {
  it('interleaves the contenders', async () => {
    const order: string[] = [];
    const contender = (name: string) => async () => {
      order.push(name);
      return { value: 1 };
    };

    await runRounds({ a: contender('a'), b: contender('b') }, { rounds: 2, progress: () => undefined });

    expect(order).toEqual(['a', 'b', 'a', 'b']);
  });
});

describe('toRow', () => {
  const samples = (...values: number[]) => values.map((value) => ({ value }));

  it('judges the ratio of medians where there is a peer', () => {
    const row = toRow({
      metric: 'calls',
      unit: '1/s',
      better: 'higher',
      key: 'value',
      ours: samples(90, 100, 400),
      peer: { name: 'bare', samples: samples(80, 100, 90) },
      goal: 1.1,
    });

    expect(row).toMatchObject({ ours: 100, peer: { name: 'bare', value: 90 }, met: true });
    expect(row.ratio).toBeCloseTo(1.111, 3);
    expect(row.spread).toBeCloseTo(3.1, 3);
  });

  it('judges the value where there is none, at most where lower is better', () => {
    const row = toRow({
      metric: 'p99',
      unit: 'ms',
      better: 'lower',
      key: 'value',
      ours: samples(3),
      goal: 2,
    });

    expect(row).toMatchObject({ peer: null, ratio: null, met: false });
  });
});

describe('statistics', () => {
  it('takes the middle of an even number of values', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  it('takes the value below which the share lies', () => {
    expect(quantile([5, 1, 4, 2, 3], 0.99)).toBe(5);
    expect(quantile([5, 1, 4, 2, 3], 0.5)).toBe(3);
  });
});
