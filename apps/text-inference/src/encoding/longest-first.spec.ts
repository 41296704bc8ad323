import { expect, it } from 'vitest';
import { longestFirst } from './longest-first.js';

// Expected values are what taking one token at a time from the longer sequence gives.
it.each([
  [3, 4, 7, [3, 4]],
  [3, 10, 7, [3, 4]],
  [10, 3, 7, [4, 3]],
  [10, 10, 7, [3, 4]],
  [10, 10, 8, [4, 4]],
  [2, 10, 8, [2, 6]],
  [5, 4, 8, [4, 4]],
  [10, 10, 0, [0, 0]],
])('%d and %d in %d', (first, second, most, expected) => {
  expect(longestFirst(first, second, most)).toEqual(expected);
});
