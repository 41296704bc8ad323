import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Patience } from './patience.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const LIMITS = { firstMs: 120_000, gapMs: 60_000 };

it('ends an answer that does not begin', () => {
  using patience = new Patience(LIMITS);
  vi.advanceTimersByTime(119_999);
  expect(patience.signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);

  expect(patience.signal.reason).toMatchObject({
    code: 'deadline_exceeded',
    message: 'The answer did not begin within 120 s.',
  });
});

it('ends an answer that pauses for too long, counted from its last piece', () => {
  using patience = new Patience(LIMITS);
  patience.begun();
  for (let piece = 0; piece < 10; piece += 1) {
    vi.advanceTimersByTime(59_999);
    patience.rest();
    patience.wait();
  }
  expect(patience.signal.aborted).toBe(false);
  vi.advanceTimersByTime(60_000);

  expect(patience.signal.reason).toMatchObject({ message: 'The answer broke off: nothing came for 60 s.' });
});

it('does not count the time that a reader takes', () => {
  using patience = new Patience(LIMITS);
  patience.begun();
  patience.rest();
  vi.advanceTimersByTime(10 * 60_000);
  patience.wait();
  vi.advanceTimersByTime(59_999);
  expect(patience.signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);

  expect(patience.signal.aborted).toBe(true);
});

it('leaves nothing behind', () => {
  new Patience(LIMITS)[Symbol.dispose]();

  expect(vi.getTimerCount()).toBe(0);
});
