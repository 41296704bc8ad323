import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeSize } from './cache-plan.js';
import { ConcatenatingCache } from './concatenating-cache.js';
import { InPlaceCache } from './in-place-cache.js';
import type { CacheSlice, KeyValueCache } from './key-value-cache.js';
import { digestOf, RememberingSession, told } from './remembering-session.fixture.js';

const WINDOW = 2_048;
const LIMITS = { contextWindow: WINDOW, livePositions: 4_096 };
const ROOMS = [200, 300, 700, 1_400] as const;

function rig(form: 'in-place' | 'concatenating', limits = LIMITS) {
  const session = new RememberingSession(form === 'in-place');
  const cache: KeyValueCache =
    form === 'in-place' ? new InPlaceCache(session, limits) : new ConcatenatingCache(session, limits);
  return { session, cache };
}

const tokensFrom = (seed: number, length: number): number[] =>
  Array.from({ length }, (_, at) => (seed * 37 + at * 11) % 400);

describe.each(['in-place', 'concatenating'] as const)('a cache of the form %s', (form) => {
  it('keeps every sequence apart, whoever comes, steps and leaves', async () => {
    const action = fc.record({
      kind: fc.constantFrom('add', 'add', 'extend', 'step', 'step', 'drop', 'keep'),
      which: fc.nat(20),
      length: fc.integer({ min: 1, max: 40 }),
      room: fc.constantFrom(...ROOMS),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
        const { cache } = rig(form);
        const live = new Map<number, { tokens: number[]; room: number }>();
        const kept: { tokens: number[]; slice: CacheSlice }[] = [];
        let next = 1;
        for (const { kind, which, length, room } of actions) {
          const ids = [...live.keys()];
          const id = ids[which % Math.max(1, ids.length)];
          const taken = [...live.values()].reduce((sum, one) => sum + placeSize(one.room, WINDOW), 0);
          const sequence = id === undefined ? undefined : live.get(id);
          if (kind === 'add' && taken + placeSize(room, WINDOW) <= LIMITS.livePositions) {
            const from = kept[which % Math.max(1, kept.length)];
            const shared = from === undefined ? 0 : Math.min(length, from.tokens.length);
            const prefix = from === undefined ? undefined : { slice: from.slice, length: shared };
            cache.add(next, room, prefix);
            live.set(next, { tokens: from?.tokens.slice(0, shared) ?? [], room });
            next += 1;
          } else if (id === undefined || sequence === undefined) {
            continue;
          } else if (kind === 'extend' && sequence.tokens.length + length <= sequence.room) {
            const more = tokensFrom(id + length, length);
            sequence.tokens.push(...more);
            expect(told(await cache.extend(id, more))).toBe(digestOf(sequence.tokens));
          } else if (kind === 'step') {
            const stepping = ids.filter((one) => one % 3 !== which % 3 && live.get(one) !== undefined);
            const entries = stepping
              .filter((one) => (live.get(one)?.tokens.length ?? 0) < (live.get(one)?.room ?? 0))
              .map((one) => ({ id: one, token: (one * 13 + which) % 400 }));
            if (entries.length === 0) continue;
            const rows = await cache.step(entries);
            for (const [at, { id: one, token }] of entries.entries()) {
              live.get(one)?.tokens.push(token);
              expect(told(rows[at] ?? new Float32Array())).toBe(digestOf(live.get(one)?.tokens ?? []));
            }
          } else if (kind === 'drop') {
            cache.drop(id);
            live.delete(id);
          } else if (kind === 'keep' && sequence.tokens.length > 0) {
            kept.push({ tokens: [...sequence.tokens], slice: cache.slice(id, sequence.tokens.length) });
          }
          for (const [one, { tokens }] of live) expect(cache.lengthOf(one)).toBe(tokens.length);
          expect(cache.positions).toBeLessThanOrEqual(LIMITS.livePositions);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('makes one run of a step while memory allows it, whatever places the sequences need', async () => {
    const { cache, session } = rig(form);
    for (const [at, room] of [1_400, 200, 300].entries()) {
      cache.add(at, room);
      await cache.extend(at, [at]);
    }
    session.runs.length = 0;

    await cache.step([0, 1, 2].map((id) => ({ id, token: id })));

    // In place, a third large place would be more than there is.
    expect(session.runs).toEqual(form === 'in-place' ? [2, 1] : [3]);
  });

  it('makes several runs where one would need more memory than there is', async () => {
    const { cache, session } = rig(form);
    for (const [at, room] of [1_400, 200, 200, 200, 200].entries()) {
      cache.add(at, room);
      await cache.extend(at, tokensFrom(at, room - 10));
    }
    session.runs.length = 0;

    const rows = await cache.step([0, 1, 2, 3, 4].map((id) => ({ id, token: id })));

    expect(session.runs.length).toBeGreaterThan(1);
    expect(rows.map(told)).toEqual(
      [1_390, 190, 190, 190, 190].map((length, id) => digestOf([...tokensFrom(id, length), id])),
    );
    expect(cache.positions).toBeLessThanOrEqual(LIMITS.livePositions);
  });

  it('holds nothing when all have left', async () => {
    const { cache } = rig(form);
    cache.add(1, 300);
    await cache.extend(1, [1, 2, 3]);
    await cache.step([{ id: 1, token: 4 }]);
    cache.drop(1);

    expect(cache.positions).toBe(0);
    expect(() => cache.lengthOf(1)).toThrow(RangeError);
  });
});

it('an in-place cache makes room by giving everybody a place of their own size', async () => {
  const { cache, session } = rig('in-place', { contextWindow: WINDOW, livePositions: 4_096 });
  cache.add(0, 1_400);
  cache.add(1, 200);
  for (const id of [0, 1]) await cache.extend(id, tokensFrom(id, 20));
  cache.add(2, 1_400);
  await cache.extend(2, tokensFrom(2, 20));
  session.runs.length = 0;

  const rows = await cache.step([0, 1, 2].map((id) => ({ id, token: id })));

  expect(session.runs.toSorted()).toEqual([1, 2]);
  expect(rows.map(told)).toEqual([0, 1, 2].map((id) => digestOf([...tokensFrom(id, 20), id])));
  expect(cache.positions).toBe(2 * 1_536 + 256);
});
