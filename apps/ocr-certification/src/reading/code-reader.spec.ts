import { DomainError } from '@trivium/contracts';
import type { CallContext } from '@trivium/messaging';
import { describe, expect, it } from 'vitest';
import { CodeReader } from './code-reader.js';

const contextWith = (signal: AbortSignal): CallContext => ({
  tenant: 't',
  requestId: 'r',
  priority: 'interactive',
  signal,
  remaining: () => 1000,
});
const refusing = (code: 'unsupported_media' | 'cancelled') =>
  new CodeReader(() => Promise.reject(new DomainError(code, 'no')));

describe('CodeReader', () => {
  it('answers no codes for a picture that cannot be searched', async () => {
    const codes = await refusing('unsupported_media').read(
      new Uint8Array(),
      contextWith(new AbortController().signal),
    );

    expect(codes).toEqual([]);
  });

  it('stops with its caller', async () => {
    const reading = refusing('cancelled').read(new Uint8Array(), contextWith(AbortSignal.abort()));

    await expect(reading).rejects.toMatchObject({ code: 'cancelled' });
  });
});
