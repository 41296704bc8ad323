import { describe, expect, it } from 'vitest';
import { formatDuration, RequestLimit } from './request-limit.js';

describe('RequestLimit', () => {
  it('counts each key on its own', async () => {
    const limit = new RequestLimit(1);

    expect(await limit.take('a')).toMatchObject({ allowed: true, limit: 1, remaining: 0 });
    expect(await limit.take('a')).toMatchObject({ allowed: false, remaining: 0 });
    expect(await limit.take('b')).toMatchObject({ allowed: true });
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
