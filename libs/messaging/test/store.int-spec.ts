import { createHash, randomBytes } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type NatsProcess, startNats } from '@trivium/local-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Messaging, RecordChange } from '../src/index.js';
import { connectCaller, rejection, until } from './kit.js';

const MIB = 1024 * 1024;
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
let nats: NatsProcess;
let one: Messaging;
let two: Messaging;

beforeAll(async () => {
  nats = await startNats();
  one = await connectCaller(nats.url);
  two = await connectCaller(nats.url);
});
afterAll(async () => {
  await one?.[Symbol.asyncDispose]();
  await two?.[Symbol.asyncDispose]();
  await nats?.stop();
});

/** Collects what a watch tells, and resolves when something satisfies the test. */
function follow(messaging: Messaging, bucket: string, prefix?: string) {
  const controller = new AbortController();
  const told: RecordChange[] = [];
  const done = (async () => {
    const { signal } = controller;
    for await (const change of messaging.records(bucket).watch({ prefix, signal })) told.push(change);
  })();
  return {
    told,
    count: (kind: RecordChange['kind']) => told.filter((change) => change.kind === kind).length,
    async stop() {
      controller.abort();
      await done;
    },
  };
}

describe('records', () => {
  it('are seen by every client, in whatever key and shape', async () => {
    const value = { text: '中文', list: [1, 2.5], bytes: new Uint8Array([1, 2]), none: null };
    const revision = await one.records('shapes').put('qwen2.5..instruct./v1 *', value);

    const found = await two.records('shapes').get('qwen2.5..instruct./v1 *');

    expect(found).toMatchObject({ key: 'qwen2.5..instruct./v1 *', revision });
    expect(found?.value).toEqual(value);
    expect(await two.records('shapes').get('nobody')).toBeUndefined();
  });

  it('are written once when two clients expect the same revision', async () => {
    const writes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? one : two).records('races').put('r', n, 0)),
    );

    const lost = writes.filter((write) => write.status === 'rejected');
    expect(lost).toHaveLength(19);
    for (const { reason } of lost) expect(reason).toMatchObject({ code: 'conflict', retryable: true });
  });

  it('count every increment of two clients that try again', async () => {
    const increment = async (messaging: Messaging): Promise<void> => {
      const records = messaging.records('races');
      for (;;) {
        const found = await records.get('counter');
        try {
          await records.put('counter', Number(found?.value ?? 0) + 1, found?.revision ?? 0);
          return;
        } catch (error) {
          expect(error).toMatchObject({ code: 'conflict' });
        }
      }
    };

    await Promise.all(Array.from({ length: 20 }, (_, n) => increment(n % 2 === 0 ? one : two)));

    expect((await one.records('races').get('counter'))?.value).toBe(20);
  });

  it('can be deleted at a revision, made again, and deleted twice', async () => {
    const records = one.records('deleting');
    const first = await records.put('a', 1);
    await records.put('a', 2);

    expect(await rejection(records.delete('a', first))).toMatchObject({ code: 'conflict' });
    await records.delete('a');
    await records.delete('a');
    expect(await records.get('a')).toBeUndefined();
    await records.put('a', 3, 0);

    expect((await two.records('deleting').get('a'))?.value).toBe(3);
    expect(await rejection(records.put('a', 4, 0))).toMatchObject({ code: 'conflict' });
  });

  it('are listed by prefix in the order of keys', async () => {
    const records = one.records('listing');
    expect(await records.list()).toEqual([]);
    for (const key of ['text/b', 'text/a', 'text-2/a', 'vision/a', 'gone']) await records.put(key, key);
    await records.delete('gone');

    const keys = async (prefix?: string) => (await two.records('listing').list(prefix)).map(({ key }) => key);

    expect(await keys()).toEqual(['text-2/a', 'text/a', 'text/b', 'vision/a']);
    expect(await keys('text/')).toEqual(['text/a', 'text/b']);
    expect(await keys('te')).toEqual(['text-2/a', 'text/a', 'text/b']);
    expect(await keys('none/')).toEqual([]);
  });

  it('above the limit are refused before they are sent', async () => {
    const records = one.records('limited', { maxValueBytes: 1_000 });

    expect(await rejection(records.put('a', new Uint8Array(1_001)))).toMatchObject({
      code: 'payload_too_large',
    });
  });
});

describe('a watch', () => {
  it('tells what there is, then what changes, and ends when it is told to', async () => {
    const records = one.records('watched');
    await records.put('a', 1);
    const watch = follow(two, 'watched');
    await until(() => watch.count('current') === 1);

    await records.put('b', 2);
    await records.delete('a');

    await until(() => watch.count('deleted') === 1);
    expect(watch.told).toMatchObject([
      { kind: 'value', key: 'a', value: 1 },
      { kind: 'current' },
      { kind: 'value', key: 'b', value: 2 },
      { kind: 'deleted', key: 'a' },
    ]);
    await watch.stop();
  });

  it('of an empty bucket is current at once', async () => {
    const watch = follow(two, 'empty');
    await until(() => watch.count('current') === 1);
    await watch.stop();
    expect(watch.told).toEqual([{ kind: 'current' }]);
  });

  it('survives a broker that was killed, and tells what went and came while it was cut off', async () => {
    await using own = await startNats();
    await using watcher = await connectCaller(own.url);
    await using writer = await connectCaller(own.url);
    await writer.records('cut').put('stays', 1);
    await writer.records('cut').put('goes', 1);
    const watch = follow(watcher, 'cut');
    await until(() => watch.count('current') === 1);

    await own.kill();
    await until(() => !watcher.isConnected() && !writer.isConnected());
    expect(await rejection(writer.records('cut').put('new', 1))).toMatchObject({ code: 'unavailable' });
    await own.restart();
    await until(() => writer.isConnected());
    await writer.records('cut').delete('goes');
    await writer.records('cut').put('new', 2);

    await until(
      () => watch.count('current') >= 2 && watch.told.some((c) => c.kind === 'value' && c.key === 'new'),
    );
    await until(() => watch.told.some((change) => change.kind === 'deleted' && change.key === 'goes'));
    await watch.stop();
  });
});

async function read(messaging: Messaging, bucket: string, name: string) {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of messaging.objects(bucket).get(name)) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

describe('objects', () => {
  it('of 100 MB are written and read in bounded memory', async () => {
    const block = randomBytes(MIB);
    const hash = createHash('sha256');
    let most = 0;
    const measure = (): void => {
      collectGarbage();
      most = Math.max(most, process.memoryUsage().arrayBuffers);
    };
    async function* content() {
      for (let n = 0; n < 100; n++) {
        hash.update(block);
        if (n % 10 === 9) measure();
        yield block;
      }
    }
    collectGarbage();
    const before = process.memoryUsage().arrayBuffers;

    const stored = await one.objects('large').put('weights', content());
    let bytes = 0;
    for await (const chunk of two.objects('large').get('weights')) {
      bytes += chunk.length;
      await new Promise((resolve) => setImmediate(resolve)); // a reader slower than the broker
      if (bytes % (10 * MIB) === 0) measure();
    }

    expect(stored).toMatchObject({ bytes: 100 * MIB, sha256: hash.digest('hex') });
    expect(bytes).toBe(100 * MIB);
    expect(most - before).toBeLessThan(48 * MIB);
  });

  it('that are empty or one byte more than a chunk come back as they were', async () => {
    for (const size of [0, 1, 512 * 1024, 512 * 1024 + 1]) {
      const bytes = randomBytes(size);
      const stored = await one.objects('sizes').put(`of-${size}`, bytes);

      expect(stored.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
      expect(await read(two, 'sizes', `of-${size}`)).toEqual({ bytes: size, sha256: stored.sha256 });
    }
    expect((await two.objects('sizes').list()).map(({ name }) => name)).toEqual([
      'of-0',
      'of-1',
      'of-524288',
      'of-524289',
    ]);
  });

  it('with the wrong digest leave nothing behind', async () => {
    const objects = one.objects('digests');

    const refused = await rejection(objects.put('a', randomBytes(2 * MIB), { sha256: '0'.repeat(64) }));

    expect(refused).toMatchObject({ code: 'invalid_request' });
    expect(await objects.info('a')).toBeUndefined();
    expect(await objects.sweep(0)).toBe(0);
  });

  it('can be deleted, once', async () => {
    const objects = one.objects('deleted');
    expect(await objects.delete('a')).toBe(false);
    await objects.put('a', randomBytes(10));

    expect(await objects.delete('a')).toBe(true);
    expect(await objects.delete('a')).toBe(false);
    expect(await objects.info('a')).toBeUndefined();
    expect(await objects.list()).toEqual([]);
    expect(await rejection(read(two, 'deleted', 'a'))).toMatchObject({ code: 'not_found' });
  });

  it('that a reader or writer gives up stop at once, without a trace', async () => {
    const objects = one.objects('given-up');
    await objects.put('a', randomBytes(4 * MIB));
    const controller = new AbortController();
    async function* endless() {
      for (;;) yield randomBytes(MIB);
    }

    const writing = rejection(objects.put('b', endless(), { signal: controller.signal }));
    const reading = rejection(
      (async () => {
        for await (const _chunk of objects.get('a', { signal: controller.signal })) controller.abort();
      })(),
    );

    expect(await reading).toMatchObject({ code: 'cancelled' });
    expect(await writing).toMatchObject({ code: 'cancelled' });
    expect(await objects.info('b')).toBeUndefined();
  });

  it('beyond the size of their bucket are refused as overload', async () => {
    const objects = one.objects('small', { maxBytes: 2 * MIB });

    expect(await rejection(objects.put('a', randomBytes(4 * MIB)))).toMatchObject({ code: 'overloaded' });
    expect(await objects.put('b', randomBytes(MIB))).toMatchObject({ bytes: MIB });
  });

  it('under way when the broker goes fail at once, and what was stored is there after', async () => {
    await using own = await startNats();
    await using client = await connectCaller(own.url);
    const objects = client.objects('cut');
    const stored = await objects.put('a', randomBytes(4 * MIB));
    const begun = Promise.withResolvers<void>();
    async function* endless() {
      for (let n = 0; ; n++) {
        if (n === 3) begun.resolve();
        yield randomBytes(MIB);
      }
    }
    const writing = rejection(objects.put('b', endless()));
    await begun.promise;

    await own.kill();

    expect(await writing).toMatchObject({ code: 'unavailable' });
    await own.restart();
    await until(() => client.isConnected());
    expect(await read(client, 'cut', 'a')).toEqual({ bytes: 4 * MIB, sha256: stored.sha256 });
    expect(await objects.info('b')).toBeUndefined();
    expect(await objects.sweep(0)).toBe(1);
    expect(await objects.sweep(0)).toBe(0);
    expect(await read(client, 'cut', 'a')).toMatchObject({ bytes: 4 * MIB });
  });
});
