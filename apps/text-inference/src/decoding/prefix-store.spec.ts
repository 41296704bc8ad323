import { describe, expect, it } from 'vitest';
import type { CacheSlice } from './key-value-cache.js';
import { PrefixStore } from './prefix-store.js';

const upTo = (length: number, from = 0): number[] => Array.from({ length }, (_, at) => from + at);
const sliceOf = (tokens: readonly number[]): CacheSlice => ({ length: tokens.length, data: [] });

function kept(store: PrefixStore, owner: string, tokens: readonly number[]): CacheSlice {
  const slice = sliceOf(tokens);
  expect(store.wants(owner, tokens)).toBe(true);
  store.keep(owner, tokens, slice);
  return slice;
}

describe('PrefixStore', () => {
  it('finds the longest common beginning', () => {
    const store = new PrefixStore(1_000);
    kept(store, 'a', [...upTo(20), ...upTo(20, 500)]);
    const longer = kept(store, 'a', [...upTo(30), ...upTo(20, 700)]);

    expect(store.find('a', [...upTo(30), 999])).toEqual({ length: 30, slice: longer });
    expect(store.find('a', [...upTo(40)])).toEqual({ length: 30, slice: longer });
  });

  it('leaves at least the last token to be computed', () => {
    const store = new PrefixStore(1_000);
    kept(store, 'a', upTo(64));

    expect(store.find('a', upTo(64))?.length).toBe(63);
    expect(store.find('a', upTo(32))?.length).toBe(31);
  });

  it('shows nobody what others began with', () => {
    const store = new PrefixStore(1_000);
    kept(store, 'a', upTo(64));

    expect(store.find('b', upTo(64))).toBeUndefined();
    expect(store.wants('b', upTo(64))).toBe(true);
  });

  it('does not look after short beginnings, nor after those that it has', () => {
    const store = new PrefixStore(100);
    kept(store, 'a', upTo(64));

    expect(store.find('a', upTo(15))).toBeUndefined();
    expect(store.wants('a', upTo(15))).toBe(false);
    expect(store.wants('a', upTo(40))).toBe(false);
    expect(store.wants('a', upTo(101, 7))).toBe(false);
  });

  it('keeps a conversation once, however often it grows', () => {
    const store = new PrefixStore(100);
    kept(store, 'a', upTo(20, 900));
    for (const length of [20, 40, 60, 80]) kept(store, 'a', upTo(length));

    expect(store.find('a', upTo(81))?.length).toBe(80);
    expect(store.find('a', upTo(21, 900))?.length).toBe(20);
  });

  it('gives up what was used least recently', () => {
    const store = new PrefixStore(100);
    kept(store, 'a', upTo(40, 100));
    kept(store, 'a', upTo(40, 200));
    store.find('a', upTo(41, 100));
    kept(store, 'a', upTo(40, 300));

    expect(store.find('a', upTo(41, 200))).toBeUndefined();
    expect(store.find('a', upTo(41, 100))?.length).toBe(40);
    expect(store.find('a', upTo(41, 300))?.length).toBe(40);
  });
});
