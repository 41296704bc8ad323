import { expect, it } from 'vitest';
import { randomHex } from './random-ids.js';

it('never gives the same digits twice, across many refills', () => {
  const ids = Array.from({ length: 5_000 }, () => randomHex(32));

  expect(new Set(ids).size).toBe(5_000);
  expect(ids.every((id) => /^[0-9a-f]{32}$/.test(id))).toBe(true);
});
