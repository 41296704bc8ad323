import { expect, it } from 'vitest';
import { Pace } from './pace.js';

it('tells speed and time left from stretches of half a second', () => {
  let now = 0;
  const pace = new Pace(() => now);
  pace.advance(10);
  expect(pace.etaMs(1_000)).toBeUndefined();
  now = 1_000;
  pace.advance(1_000);

  expect(pace.bytesPerSecond).toBe(1_000);
  expect(pace.etaMs(5_000)).toBe(5_000);
});

it('follows a change of speed, and does not count what was there before', () => {
  let now = 0;
  const pace = new Pace(() => now);
  pace.skipTo(1_000_000);
  now = 1_000;
  pace.advance(1_001_000);
  now = 2_000;
  pace.advance(1_003_000);
  now = 2_100;
  pace.advance(0);

  expect(pace.bytesPerSecond).toBeCloseTo(1_300);
});
