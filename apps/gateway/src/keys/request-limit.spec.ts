import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { formatDuration, RequestLimit } from './request-limit.js';

describe('RequestLimit', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('counts each key on its own', async () => {
    const limit = new RequestLimit(1);

    expect(await limit.take('a')).toEqual({ allowed: true, limit: 1, remaining: 0, resetMs: 60_000 });
    expect(await limit.take('a')).toMatchObject({ allowed: false, remaining: 0 });
    expect(await limit.take('b')).toMatchObject({ allowed: true });
  });

  it('begins anew a minute after the first request', async () => {
    const limit = new RequestLimit(2);
    await limit.take('a');
    vi.advanceTimersByTime(59_999);
    await limit.take('a');
    expect(await limit.take('a')).toMatchObject({ allowed: false, resetMs: 1 });
    vi.advanceTimersByTime(2);

    expect(await limit.take('a')).toMatchObject({ allowed: true, remaining: 1, resetMs: 60_000 });
  });

  it('forgets those that no longer come', async () => {
    const limit = new RequestLimit(2);
    await Promise.all(['a', 'b', 'c'].map((key) => limit.take(key)));
    expect(vi.getTimerCount()).toBe(3);

    vi.advanceTimersByTime(60_000);

    expect(vi.getTimerCount()).toBe(0);
  });

  it('of zero is none', async () => {
    expect(await new RequestLimit(0).take('a')).toBeUndefined();
  });
});

it.each([
  [20, '20ms'],
  [1_000, '1s'],
  [59_100, '1m0s'],
  [360_000, '6m0s'],
])('%i ms reads %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
