import { createHash, randomBytes } from 'node:crypto';
import { Controller } from '@nestjs/common';
import type { ParsedRequestOf, ReplyOf } from '@trivium/contracts';
import type { Binary } from '@trivium/contracts/content';
import { type NatsProcess, startNats } from '@trivium/local-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AnswersCall, type Messaging } from '../src/index.js';
import { connectCaller, rejection, type Replica, startReplica, transfer } from './kit.js';

const MIB = 1024 * 1024;
let nats: NatsProcess;
let replica: Replica;
let caller: Messaging;

@Controller()
class Handlers {
  @AnswersCall(transfer)
  async transfer({ image }: ParsedRequestOf<typeof transfer>): Promise<ReplyOf<typeof transfer>> {
    const bytes = await replica.messaging.blobs.get(image);
    return {
      image: await replica.messaging.blobs.put(bytes.toReversed(), 'image/png'),
      sha256: createHash('sha256').update(bytes).digest('hex'),
    };
  }
}

beforeAll(async () => {
  nats = await startNats();
  replica = await startReplica(nats.url, [Handlers]);
  caller = await connectCaller(nats.url);
});
afterAll(async () => {
  await caller?.[Symbol.asyncDispose]();
  await replica?.[Symbol.asyncDispose]();
  await nats?.stop();
});

describe('a blob', () => {
  it('of 10 MB travels to another process and back by reference', async () => {
    const bytes = randomBytes(10_000_000);

    const image = await caller.blobs.put(bytes, 'image/png');
    const reply = await caller.call(transfer, { image });
    const back = await caller.blobs.get(reply.image);

    expect(image).toMatchObject({ kind: 'blob', mediaType: 'image/png', size: 10_000_000 });
    expect(reply.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(Buffer.compare(back, bytes.toReversed())).toBe(0);
  });

  it('read beside many others does not cost the connection', async () => {
    const bytes = randomBytes(40 * MIB);
    const image = await caller.blobs.put(bytes, 'image/png');

    const reads = await Promise.all(Array.from({ length: 8 }, () => caller.blobs.get(image)));

    expect(reads.every((read) => Buffer.compare(read, bytes) === 0)).toBe(true);
    expect(caller.isConnected()).toBe(true);
    await caller.blobs.delete(image);
  });

  it('of up to 256 KiB stays in the message', async () => {
    expect(await caller.blobs.put(new Uint8Array(256 * 1024), 'a/b')).toMatchObject({ kind: 'inline' });
    expect(await caller.blobs.put(new Uint8Array(256 * 1024 + 1), 'a/b')).toMatchObject({ kind: 'blob' });
  });

  it('of any size can be kept out of the message', async () => {
    const bytes = Buffer.from('small');
    const stored = await caller.blobs.put(bytes, 'a/b', { inline: false });

    expect(stored).toMatchObject({ kind: 'blob', size: 5 });
    expect(Buffer.from(await caller.blobs.get(stored))).toEqual(bytes);
  });

  it('that is not what its reference says is refused', async () => {
    const image = (await caller.blobs.put(randomBytes(MIB), 'a/b')) as Extract<Binary, { kind: 'blob' }>;

    const forged = await rejection(caller.blobs.get({ ...image, sha256: '0'.repeat(64) }));
    const shorter = await rejection(caller.blobs.get({ ...image, size: 1_000 }));

    expect(forged).toMatchObject({ code: 'internal' });
    expect(shorter).toMatchObject({ code: 'internal' });
  });

  it('larger than the reader allows is refused without being read', async () => {
    const image = await caller.blobs.put(randomBytes(MIB), 'a/b');

    expect(await rejection(caller.blobs.get(image, { maxBytes: 1_000 }))).toMatchObject({
      code: 'payload_too_large',
    });
  });

  it('that was deleted is not found, and deleting again is fine', async () => {
    const image = await caller.blobs.put(randomBytes(MIB), 'a/b');
    await caller.blobs.delete(image);

    await caller.blobs.delete(image);

    expect(await rejection(caller.blobs.get(image))).toMatchObject({ code: 'not_found' });
  });

  it('that nobody wants any more is not read on', async () => {
    const image = await caller.blobs.put(randomBytes(4 * MIB), 'a/b');
    const controller = new AbortController();

    const reading = rejection(caller.blobs.get(image, { signal: controller.signal }));
    controller.abort();

    expect(await reading).toMatchObject({ code: 'cancelled' });
  });

  it('in a bucket that is none of ours cannot be named', async () => {
    const forged: Binary = {
      kind: 'blob',
      mediaType: 'a/b',
      bucket: 'secrets',
      name: 'x',
      sha256: '0'.repeat(64),
      size: 400_000,
    };

    expect(await rejection(caller.blobs.get(forged))).toMatchObject({ code: 'not_found' });
  });

  it('lives in a bucket whose lifetime is at least the one asked for', async () => {
    const brief = await caller.blobs.put(randomBytes(MIB), 'a/b', { ttlMs: 60_000 });
    const long = await caller.blobs.put(randomBytes(MIB), 'a/b', { ttlMs: 2 * 60 * 60_000 });

    expect(brief).toMatchObject({ bucket: 'blobs-10m' });
    expect(long).toMatchObject({ bucket: 'blobs-24h' });
    expect(
      await rejection(caller.blobs.put(randomBytes(MIB), 'a/b', { ttlMs: 48 * 60 * 60_000 })),
    ).toMatchObject({
      code: 'invalid_request',
    });
  });
});
