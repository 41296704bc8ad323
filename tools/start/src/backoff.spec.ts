import { expect, it } from 'vitest';
import { Backoff } from './backoff.js';

it('doubles from half a second to half a minute while a process keeps crashing', () => {
  const backoff = new Backoff();

  const delays = Array.from({ length: 9 }, () => backoff.after(100));

  expect(delays).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

it('forgets earlier crashes once a process has been steady', () => {
  const backoff = new Backoff();
  backoff.after(100);
  backoff.after(100);

  expect(backoff.after(61_000)).toBe(500);
});
