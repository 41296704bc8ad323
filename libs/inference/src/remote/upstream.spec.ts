import { describe, expect, it } from 'vitest';
import { readBounded, upstreamError } from './upstream.js';

const body = Buffer.from(JSON.stringify({ error: 'no such shape' }));

describe('what another server refuses', () => {
  it.each([
    [400, 'invalid_request', false],
    [404, 'upstream_error', false],
    [413, 'payload_too_large', false],
    [429, 'overloaded', true],
    [500, 'upstream_error', true],
    [503, 'overloaded', true],
    [504, 'upstream_error', true],
  ])('is for %i an error of ours', (status, code, retryable) => {
    const error = upstreamError(status, { 'retry-after': '2' }, body, 'there');

    expect(error).toMatchObject({ code, retryable, retryAfterMs: retryable ? 2_000 : undefined });
    expect(error.message).toContain('no such shape');
  });
});

async function* chunks(...sizes: number[]): AsyncGenerator<Uint8Array> {
  for (const size of sizes) yield new Uint8Array(size);
}

it('reads an answer up to its limit', async () => {
  expect((await readBounded(chunks(3, 5), 8, 'there')).byteLength).toBe(8);
  await expect(readBounded(chunks(3, 6), 8, 'there')).rejects.toMatchObject({ code: 'upstream_error' });
});
