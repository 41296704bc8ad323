import { expect, it } from 'vitest';
import { durationTable } from './duration-table.js';

const product = durationTable({ items: [1, 4, 16], lengths: [10, 100], ms: [10, 100, 40, 400, 160, 1_600] });

it.each([
  [1, 10, 10],
  [4, 100, 400],
  [2, 10, 20],
  [8, 50, 400],
  [32, 200, 6_400],
  [1, 5, 5],
])('%i items of length %i take %i ms', (items, longest, ms) => {
  expect(product(items, longest)).toBeCloseTo(ms, 6);
});

it('does not believe that a smaller run takes longer', () => {
  const disturbed = durationTable({ items: [1, 2], lengths: [10, 20], ms: [70, 30, 25, 60] });

  expect(disturbed(1, 10)).toBeCloseTo(25, 6);
  expect(disturbed(1, 20)).toBeCloseTo(30, 6);
});
