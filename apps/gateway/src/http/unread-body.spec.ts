import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { discardRest } from './unread-body.js';

const MIB = 1024 * 1024;

function body() {
  return Object.assign(new PassThrough(), { complete: false });
}

async function settles(promise: Promise<void>): Promise<boolean> {
  let settled = false;
  void promise.then(() => (settled = true));
  await vi.advanceTimersByTimeAsync(0);
  return settled;
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

it('waits for the end of what is sent', async () => {
  const raw = body();
  const discarded = discardRest(raw);
  raw.write('more');
  expect(await settles(discarded)).toBe(false);
  raw.end();

  await discarded;
});

it('waits no longer for a client that is gone', async () => {
  const raw = body();
  const discarded = discardRest(raw);
  raw.destroy();

  await discarded;
});

it('gives up after ten seconds', async () => {
  const discarded = discardRest(body());
  vi.advanceTimersByTime(9_999);
  expect(await settles(discarded)).toBe(false);
  vi.advanceTimersByTime(1);

  await discarded;
});

it('gives up after 256 MiB', async () => {
  const raw = body();
  const discarded = discardRest(raw);
  const piece = Buffer.alloc(MIB);
  for (let sent = 0; sent <= 256; sent += 1) {
    if (!raw.write(piece)) await new Promise((resolve) => void raw.once('drain', resolve));
  }

  await discarded;
});

it('has nothing to do when all was read', async () => {
  await discardRest(Object.assign(body(), { complete: true }));
});
