import type { Tensor } from '@trivium/contracts/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock, settled } from '../clock/fake-clock.js';
import { cacheKey, type CacheKeyFields } from './cache-key.js';
import { ownTensors } from './cached-tensors.js';
import { ResponseCache, type ResponseCacheOptions } from './response-cache.js';

interface Value {
  readonly text: string;
}

function cache(options: Partial<ResponseCacheOptions<Value>> = {}) {
  const clock = new FakeClock();
  return {
    clock,
    cache: new ResponseCache<Value>({
      maxBytes: 100_000,
      sizeOf: ({ text }) => text.length,
      clock,
      ...options,
    }),
  };
}

/** Work that ends when the test says so. */
function work() {
  const { promise, resolve, reject } = Promise.withResolvers<Value>();
  const signals: AbortSignal[] = [];
  return {
    signals,
    finish: (text: string) => resolve({ text }),
    fail: reject,
    compute: (signal: AbortSignal) => {
      signals.push(signal);
      return promise;
    },
  };
}

const never = () => Promise.reject(new Error('must not run'));

const TENSOR: Tensor = { name: 'ids', datatype: 'INT8', shape: [2], data: Uint8Array.of(1, 2) };
const FIELDS: CacheKeyFields = {
  tenant: 'a',
  modelDigest: 'd',
  version: '1',
  variant: 'fp32',
  preprocessing: '1',
  inputs: [TENSOR],
};

describe('cacheKey', () => {
  it('differs with every field', () => {
    const keys = [
      FIELDS,
      { ...FIELDS, tenant: 'b' },
      { ...FIELDS, modelDigest: 'e' },
      { ...FIELDS, version: '2' },
      { ...FIELDS, variant: 'int8' },
      { ...FIELDS, preprocessing: '2' },
      { ...FIELDS, outputs: ['out'] },
      { ...FIELDS, outputs: [] },
      { ...FIELDS, inputs: [{ ...TENSOR, name: 'id' }] },
      { ...FIELDS, inputs: [{ ...TENSOR, datatype: 'UINT8' as const }] },
      { ...FIELDS, inputs: [{ ...TENSOR, shape: [1, 2] }] },
      { ...FIELDS, inputs: [{ ...TENSOR, data: Uint8Array.of(1, 3) }] },
    ].map(cacheKey);

    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.every((key) => /^[0-9a-f]{64}$/u.test(key))).toBe(true);
  });

  it('is the same whatever the order of the inputs', () => {
    const other = { ...TENSOR, name: 'mask' };

    expect(cacheKey({ ...FIELDS, inputs: [TENSOR, other] })).toBe(
      cacheKey({ ...FIELDS, inputs: [other, TENSOR] }),
    );
  });

  it('never lets one field run into the next', () => {
    const text = fc.string({ maxLength: 4 });
    fc.assert(
      fc.property(text, text, text, text, (tenant, version, otherTenant, otherVersion) => {
        const same = tenant === otherTenant && version === otherVersion;
        const one = cacheKey({ ...FIELDS, tenant, version });
        const other = cacheKey({ ...FIELDS, tenant: otherTenant, version: otherVersion });
        expect(one === other).toBe(same);
      }),
    );
  });
});

describe('ResponseCache', () => {
  it('answers from what it keeps until the time is over', async () => {
    const { cache: subject, clock } = cache({ ttlMs: 1_000 });
    const compute = async () => ({ text: 'answer' });

    expect((await subject.run({ key: 'k', compute })).status).toBe('miss');
    expect(await subject.run({ key: 'k', compute: never })).toEqual({
      value: { text: 'answer' },
      status: 'hit',
    });
    await clock.advance(1_001);
    expect((await subject.run({ key: 'k', compute })).status).toBe('miss');
  });

  it('does identical work in flight once', async () => {
    const { cache: subject } = cache();
    const one = work();
    const led = subject.run({ key: 'k', compute: one.compute });
    const followed = subject.run({ key: 'k', compute: never });
    await settled();
    one.finish('answer');

    expect([(await led).status, (await followed).status]).toEqual(['miss', 'hit']);
  });

  it('neither looks up nor keeps what bypasses it', async () => {
    const { cache: subject } = cache();
    const bypassed = await subject.run({ key: 'k', compute: async () => ({ text: 'a' }), bypass: true });

    expect(bypassed.status).toBe('bypass');
    expect(subject.size).toBe(0);
  });

  it('lets followers try once more, together, when the leader fails, and keeps no error', async () => {
    const { cache: subject } = cache();
    const [first, second] = [work(), work()];
    const led = expect(subject.run({ key: 'k', compute: first.compute })).rejects.toThrow('broken');
    const followers = [1, 2].map(() => subject.run({ key: 'k', compute: second.compute }));
    await settled();
    first.fail(new Error('broken'));
    await led;
    await settled();
    second.finish('answer');

    expect((await Promise.all(followers)).map(({ status }) => status)).toEqual(['miss', 'hit']);
    expect(second.signals).toHaveLength(1);
  });

  it('goes on for the others when one leaves, and stops when all have', async () => {
    const { cache: subject } = cache();
    const one = work();
    const [leader, follower] = [new AbortController(), new AbortController()];
    const led = expect(
      subject.run({ key: 'k', compute: one.compute, signal: leader.signal }),
    ).rejects.toThrow('left');
    const followed = expect(
      subject.run({ key: 'k', compute: never, signal: follower.signal }),
    ).rejects.toThrow('left');
    await settled();
    leader.abort(new Error('left'));
    await led;
    expect(one.signals[0]?.aborted).toBe(false);
    follower.abort(new Error('left'));
    await followed;

    expect(one.signals[0]?.aborted).toBe(true);
    expect(subject.flights).toBe(0);
  });

  it('waits for the replica that has claimed the work, and does it itself when that one gives up', async () => {
    const value = { text: 'theirs' };
    const theirs = cache({
      shared: { claim: async () => ({ kind: 'elsewhere', result: async () => value }) },
    });
    expect(await theirs.cache.run({ key: 'k', compute: never })).toEqual({ value, status: 'hit' });

    const gone = cache({
      shared: { claim: async () => ({ kind: 'elsewhere', result: () => Promise.reject(new Error('gone')) }) },
    });
    expect((await gone.cache.run({ key: 'k', compute: async () => value })).status).toBe('miss');
  });

  it('publishes what it has claimed, abandons what failed, and works without the store', async () => {
    const calls: string[] = [];
    const claim = {
      publish: async ({ text }: Value) => void calls.push(`publish ${text}`),
      abandon: async () => void calls.push('abandon'),
    };
    const claimed = cache({ shared: { claim: async () => ({ kind: 'claimed', claim }) } });
    await claimed.cache.run({ key: 'k', compute: async () => ({ text: 'mine' }) });
    await expect(
      claimed.cache.run({ key: 'other', compute: () => Promise.reject(new Error('no')) }),
    ).rejects.toThrow('no');
    expect(calls).toEqual(['publish mine', 'abandon']);

    const faults: unknown[] = [];
    const down = cache({
      shared: { claim: () => Promise.reject(new Error('down')) },
      onFault: (error) => faults.push(error),
    });
    expect((await down.cache.run({ key: 'k', compute: async () => ({ text: 'a' }) })).status).toBe('miss');
    expect(faults).toHaveLength(1);
  });

  it('never holds more than its bytes, computes a key once at a time, and never mixes tenants', async () => {
    const request = fc.record({
      tenant: fc.constantFrom('a', 'b'),
      input: fc.integer({ min: 0, max: 5 }),
      size: fc.integer({ min: 1, max: 3_000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(request, { maxLength: 30 }), async (requests) => {
        const { cache: subject } = cache({ maxBytes: 5_000 });
        const running = new Set<string>();
        await Promise.all(
          requests.map(async ({ tenant, input, size }) => {
            const key = cacheKey({
              ...FIELDS,
              tenant,
              inputs: [{ ...TENSOR, data: Uint8Array.of(input, 0) }],
            });
            const { value } = await subject.run({
              key,
              compute: async () => {
                expect(running.has(key)).toBe(false);
                running.add(key);
                await settled();
                running.delete(key);
                return { text: `${tenant}${input}`.padEnd(size) };
              },
            });
            expect(value.text.slice(0, 2).trim()).toBe(`${tenant}${input}`.slice(0, value.text.length));
            expect(subject.bytes).toBeLessThanOrEqual(5_000);
          }),
        );
      }),
      { numRuns: 40 },
    );
  });
});

describe('ownTensors', () => {
  it('copies a view that would keep its batch alive', () => {
    const batch = new Uint8Array(1_000);
    const [owned] = ownTensors([{ ...TENSOR, data: batch.subarray(0, 2) }]);

    expect(owned?.data.buffer.byteLength).toBe(2);
  });
});
