import { expect, it } from 'vitest';
import { retryDelay } from './retry-delay.js';

const limits = { first: 100, most: 5_000 };

it('doubles up to the most', () => {
  const delays = [0, 1, 2, 5, 6, 1_000].map((attempt) => retryDelay(attempt, limits, () => 0));

  expect(delays).toEqual([100, 200, 400, 3_200, 5_000, 5_000]);
});

it('takes off at most a quarter', () => {
  expect(retryDelay(0, limits, () => 1)).toBe(75);
});
