import { DomainError } from '@trivium/contracts';
import { describe, expect, it } from 'vitest';
import { Patience, retryAfterMs } from './patience.js';

const never = new AbortController().signal;
const dropped = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' });
const MIB = 1024 * 1024;

describe('Patience', () => {
  it('ends after so many failures in a row', async () => {
    const patience = new Patience({ attempts: 3, firstDelayMs: 1 });

    await patience.afterFailure(dropped, 0, never);
    await patience.afterFailure(dropped, 0, never);
    await expect(patience.afterFailure(dropped, 0, never)).rejects.toBe(dropped);
  });

  it('begins anew after headway', async () => {
    const patience = new Patience({ attempts: 2, firstDelayMs: 1 });

    await patience.afterFailure(dropped, 0, never);
    await patience.afterFailure(dropped, MIB, never);
    await expect(patience.afterFailure(dropped, 0, never)).rejects.toBe(dropped);
  });

  it.each([
    ['that will not pass', new DomainError('not_found', 'no such file')],
    ['of which nothing is known', new Error('a bug')],
    [
      'after which the hub wants to be left alone for hours',
      new DomainError('overloaded', 'later', { retryAfterMs: 3_600_000 }),
    ],
  ])('does not try again after a failure %s', async (_what, failure) => {
    await expect(new Patience().afterFailure(failure, 0, never)).rejects.toBe(failure);
  });

  it('ends with the caller', async () => {
    const gone = AbortSignal.abort(new Error('gone'));

    await expect(new Patience().afterFailure(dropped, 0, gone)).rejects.toThrow('gone');
  });
});

it.each([
  ['7', 7_000],
  ['Thu, 01 Jan 1970 00:00:05 GMT', 4_000],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ['soon', undefined],
  [undefined, undefined],
])('Retry-After %s is %s ms', (header, ms) => {
  expect(retryAfterMs(header, 1_000)).toBe(ms);
});
