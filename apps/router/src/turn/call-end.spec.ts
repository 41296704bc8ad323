import { describe, expect, it } from 'vitest';
import { isOver } from './call-end.js';

describe('isOver', () => {
  const call = (remainingMs: number, signal = new AbortController().signal) => ({
    signal,
    remaining: () => remainingMs,
  });

  it('is over when the caller left, and when the time is as good as up', () => {
    expect(isOver(call(30_000))).toBe(false);
    expect(isOver(call(30_000, AbortSignal.abort()))).toBe(true);
    expect(isOver(call(5))).toBe(true);
  });
});
