import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { formatDuration, RequestLimit } from './request-limit.js';

describe('RequestLimit', () => {
  let now = 0;

  beforeEach(() => {
    now = 1_000;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
  });
  afterEach(() => void vi.restoreAllMocks());

  it('counts each key on its own', () => {
    const limit = new RequestLimit(1);

    expect(limit.take('a')).toEqual({ allowed: true, limit: 1, remaining: 0, resetMs: 60_000 });
    expect(limit.take('a')).toMatchObject({ allowed: false, remaining: 0 });
    expect(limit.take('b')).toMatchObject({ allowed: true });
  });

  it('begins anew a minute after the first request', () => {
    const limit = new RequestLimit(2);
    limit.take('a');
    now += 59_999;
    limit.take('a');
    expect(limit.take('a')).toMatchObject({ allowed: false, resetMs: 1 });
    now += 2;

    expect(limit.take('a')).toMatchObject({ allowed: true, remaining: 1, resetMs: 60_000 });
  });

  it('goes on counting those that come, however many others there are', () => {
    const limit = new RequestLimit(1);
    limit.take('gone');
    limit.take('here');
    for (let other = 0; other < 9_999; other += 1) limit.take(String(other));
    expect(limit.take('here')).toMatchObject({ allowed: false });
    for (let other = 0; other < 9_999; other += 1) limit.take(String(other));

    expect(limit.take('here')).toMatchObject({ allowed: false });
    expect(limit.take('gone')).toMatchObject({ allowed: true });
  });

  it('of zero is none', () => {
    expect(new RequestLimit(0).take('a')).toBeUndefined();
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
