import { DomainError } from '@trivium/contracts';
import type { Binary } from '@trivium/contracts/content';
import type { CallContext, Messaging } from '@trivium/messaging';
import { describe, expect, it, vi } from 'vitest';
import { PageReader } from './page-reader.js';

const context: CallContext = {
  tenant: 't',
  requestId: 'r',
  priority: 'batch',
  signal: new AbortController().signal,
  remaining: () => 5_000,
};
const STORED: Binary = { kind: 'inline', mediaType: 'image/png', bytes: new Uint8Array([1]) };
const EXECUTION = {
  model: 'm',
  variant: 'v',
  placement: 'cpu',
  queueMs: 0,
  computeMs: 1,
  batchSize: 4,
} as const;

function messaging(answer: () => Promise<unknown>) {
  const call = vi.fn(answer);
  const blobs = {
    put: vi.fn(() => Promise.resolve(STORED)),
    get: vi.fn(() => Promise.resolve(new Uint8Array())),
    delete: vi.fn(() => Promise.resolve()),
  };
  return { call, blobs } as unknown as Pick<Messaging, 'call' | 'blobs'> & {
    call: typeof call;
    blobs: typeof blobs;
  };
}

const reads = (): Promise<unknown> =>
  Promise.resolve({ width: 10, height: 20, lines: [], execution: EXECUTION });

describe('PageReader', () => {
  it("asks in the caller's context and numbers the page", async () => {
    const port = messaging(reads);
    const signal = new AbortController().signal;

    const { page, execution } = await new PageReader(port).read(
      STORED,
      { page: 3, path: 'file', signal },
      context,
    );

    expect(page).toEqual({ page: 3, width: 10, height: 20, source: 'ocr', lines: [] });
    expect(execution).toEqual(EXECUTION);
    expect(port.call).toHaveBeenCalledWith(
      expect.objectContaining({ subject: 'vision-inference.read-text.v1' }),
      { image: STORED, path: 'file' },
      { context, signal },
    );
  });

  it('keeps a picture of its own longer than the request may take and deletes it afterwards', async () => {
    const port = messaging(reads);

    await new PageReader(port).readBytes(new Uint8Array([7]), { page: 1, path: undefined }, context);

    expect(port.blobs.put).toHaveBeenCalledWith(new Uint8Array([7]), 'image/png', { ttlMs: 65_000 });
    expect(port.blobs.delete).toHaveBeenCalledWith(STORED);
  });

  it('deletes it also when reading fails, and a store that fails does not hide why', async () => {
    const port = messaging(() => Promise.reject(new DomainError('unavailable', 'nobody reads')));
    port.blobs.delete.mockRejectedValue(new Error('store down'));

    const reading = new PageReader(port).readBytes(
      new Uint8Array([7]),
      { page: 1, path: undefined },
      context,
    );

    await expect(reading).rejects.toMatchObject({ code: 'unavailable' });
    expect(port.blobs.delete).toHaveBeenCalledOnce();
  });
});
