import { describe, expect, it } from 'vitest';
import { inParallel, inTurns, unlessAborted } from './in-parallel.js';
import { Recent } from './recent.js';

describe('inParallel', () => {
  it('keeps the order and never does more at one time than it may', async () => {
    const gates = Array.from({ length: 6 }, () => Promise.withResolvers<void>());
    let running = 0;
    let most = 0;
    const all = inParallel(gates, 2, async ({ promise }, index) => {
      most = Math.max(most, (running += 1));
      await promise;
      running -= 1;
      return index;
    });

    for (const { resolve } of gates.toReversed()) resolve();

    expect(await all).toEqual([0, 1, 2, 3, 4, 5]);
    expect(most).toBe(2);
  });

  it('starts nothing more after a failure', async () => {
    const started: number[] = [];
    const work = inParallel([0, 1, 2, 3], 1, async (item) => {
      started.push(item);
      if (item === 1) throw new Error('broken');
    });

    await expect(work).rejects.toThrow('broken');
    expect(started).toEqual([0, 1]);
  });
});

describe('inTurns', () => {
  const busy = (milliseconds: number): void => {
    const until = performance.now() + milliseconds;
    while (performance.now() < until);
  };

  it('lets others in between', async () => {
    const seen: string[] = [];
    const work = inTurns(['a', 'b', 'c'], (item) => {
      busy(6);
      seen.push(item);
      return item;
    });
    setImmediate(() => seen.push('somebody else'));

    expect(await work).toEqual(['a', 'b', 'c']);
    expect(seen.indexOf('somebody else')).toBeLessThan(seen.indexOf('c'));
  });

  it('ends with the first failure', async () => {
    const work = inTurns([1, 2, 3], (item) => {
      if (item === 2) throw new Error('broken');
    });

    await expect(work).rejects.toThrow('broken');
  });
});

describe('unlessAborted', () => {
  it('gives up when the signal does, and leaves the work to others', async () => {
    const work = Promise.withResolvers<string>();
    const leaving = new AbortController();
    const waited = unlessAborted(work.promise, leaving.signal);

    leaving.abort(new Error('left'));
    await expect(waited).rejects.toThrow('left');
    work.resolve('done');

    expect(await unlessAborted(work.promise, new AbortController().signal)).toBe('done');
  });
});

describe('Recent', () => {
  it('lets go of what was used longest ago', () => {
    const recent = new Recent<string, number>(2);
    recent.set('a', 1);
    recent.set('b', 2);
    recent.get('a');
    recent.set('c', 3);

    expect([recent.get('a'), recent.get('b'), recent.get('c')]).toEqual([1, undefined, 3]);
    expect(recent.size).toBe(2);
  });

  it('forgets a value only while it is the one that stands there', () => {
    const recent = new Recent<string, number>(2);
    recent.set('a', 1);
    recent.set('a', 2);
    recent.forget('a', 1);
    expect(recent.get('a')).toBe(2);

    recent.forget('a', 2);
    expect(recent.get('a')).toBeUndefined();
  });
});
