import { describe, expect, it } from 'vitest';
import { DurationModel } from '../cost/duration-model.js';
import { Arrivals } from './arrivals.js';
import type { Waiting } from './entry.js';
import { FairShare } from './fair-share.js';
import { decide, probe, type Situation } from './release.js';
import { WaitingLine } from './waiting-line.js';

let sequence = 0;
const entry = (overrides: Partial<Waiting> = {}): Waiting => ({
  items: 1,
  cost: 10,
  bucket: 'a',
  level: 1,
  tenant: '',
  arrivedAt: 0,
  sequence: sequence++,
  enteredAt: 0,
  expiresAt: Number.POSITIVE_INFINITY,
  deadline: Number.POSITIVE_INFINITY,
  alone: false,
  ...overrides,
});

type Table = (items: number, longest: number) => number;
/** Padding costs all of itself. */
const core: Table = (items, longest) => 0.3 + items * longest * 0.2;
/** The call costs, items hardly do. */
const device: Table = (items, longest) => 10 + items * longest * 0.001;

function taught(t: Table): DurationModel {
  const model = new DurationModel();
  for (const items of [1, 2, 4, 8]) {
    for (const longest of [5, 10, 20, 40, 80]) {
      for (let n = 0; n < 16; n += 1) model.observe({ items, longest, durationMs: t(items, longest) });
    }
  }
  return model;
}

function situation(
  entries: readonly Waiting[],
  { t, idleRuns = 1, ...rest }: Partial<Situation<Waiting>> & { t?: Table; idleRuns?: number } = {},
): Situation<Waiting> {
  const line = new WaitingLine<Waiting>(new FairShare(), 5_000);
  for (const one of entries) line.add(one);
  return {
    now: 0,
    line,
    arrivals: new Arrivals(),
    maxQueueDelayMs: 0,
    opening: {
      limits: { maxBatchItems: 8, maxBatchCost: 400 },
      durations: t === undefined ? new DurationModel() : taught(t),
      idleRuns,
    },
    ...rest,
  };
}

const costs = (given: Situation<Waiting>): readonly number[] => {
  const decision = decide(given);
  return decision.kind === 'release' ? decision.entries.map(({ cost }) => cost) : [];
};
const lengths = (...list: number[]): Waiting[] => list.map((cost) => entry({ cost }));

describe('probe', () => {
  /** Company costs twice what it is worth. */
  const apart: Table = (items, longest) => items * items * longest;

  it('tries a few of nearly equal cost where what was learned keeps them apart', () => {
    const given = situation(lengths(40, 40, 41, 40, 40, 40), { t: apart });
    expect(costs(given)).toEqual([40]);
    expect(probe(given)).toMatchObject({ reason: 'probe', entries: Array(4).fill({ cost: 40 }) });
  });

  it('has nothing to try among costs that differ', () => {
    expect(probe(situation(lengths(10, 40, 80), { t: apart }))).toBeUndefined();
  });

  it('makes nobody late', () => {
    const given = situation([entry({ cost: 10 }), entry({ cost: 10, deadline: 25 })], { t: apart });
    expect(probe(given)).toBeUndefined();
  });
});

describe('decide', () => {
  it('has nothing to say about an empty line', () => {
    expect(decide(situation([]))).toEqual({ kind: 'nothing' });
  });

  it('on a core gives company only where padding costs less than a call', () => {
    expect(costs(situation(lengths(40, 80, 10, 40, 41), { t: core }))).toEqual([40, 40]); // 41 would pad two
    expect(costs(situation(lengths(40, 41), { t: core }))).toEqual([40, 41]);
  });

  it('on a device gives company of any length, the nearest first', () => {
    expect(costs(situation(lengths(40, 80, 10, 40), { t: device }))).toEqual(
      expect.arrayContaining([40, 80, 10]),
    );
  });

  it('takes nobody who would share a cheaper run with those that wait beside it', () => {
    const calls: Table = (items, longest) => 5 + items * longest * 0.2;
    const beside = new Array<number>(8).fill(20);

    expect(costs(situation(lengths(40, 20), { t: calls }))).toEqual([40, 20]);
    expect(costs(situation(lengths(40, ...beside), { t: calls }))).toEqual([40]);
  });

  it('takes little padding into the bargain while nothing was measured', () => {
    expect(costs(situation(lengths(40, 80, 10, 40, 38)))).toEqual([40, 40, 38]);
  });

  it('stops at the budget, which padding counts into', () => {
    const given = situation(lengths(80, 80, 80, 80, 80, 80), { t: device });

    expect(decide(given)).toMatchObject({ kind: 'release', reason: 'full' });
    expect(costs(given)).toHaveLength(5);
  });

  it('counts the items that an input holds', () => {
    const given = situation([entry({ items: 5 }), entry({ items: 4 }), entry({ items: 3 })], { t: device });

    expect(decide(given)).toMatchObject({ entries: [{ items: 5 }, { items: 3 }], reason: 'full' });
  });

  it('lets one go alone that costs more than a batch may', () => {
    expect(costs(situation(lengths(900, 1), { t: device }))).toEqual([900]);
  });

  it('spreads what waits over idle instances where each piece adds its time', () => {
    const given = situation(lengths(40, 40, 40, 40), { t: core, idleRuns: 2 });

    expect(decide(given)).toMatchObject({ reason: 'spread' });
    expect(costs(given)).toHaveLength(2);
  });

  it('does not spread where a second run would take as long as all in one', () => {
    expect(costs(situation(lengths(40, 40, 40, 40), { t: device, idleRuns: 2 }))).toHaveLength(4);
  });

  it('gives no company that would make the head late', () => {
    const head = entry({ cost: 40, deadline: 10 });

    expect(costs(situation([head, entry({ cost: 40 })], { t: core }))).toEqual([40]);
  });
});

describe('decide, when work may be held back', () => {
  /** One comes each `gapMs`; the last one now. */
  function arriving(gapMs: number, now: number): Arrivals {
    const arrivals = new Arrivals();
    for (let at = now - 20 * gapMs; at <= now; at += gapMs) arrivals.note('a', 10, at);
    return arrivals;
  }
  const held = (
    over: Partial<Situation<Waiting>> & { t?: Table; idleRuns?: number } = {},
    of: Partial<Waiting> = {},
  ) =>
    decide(
      situation([entry({ enteredAt: 1_000, arrivedAt: 1_000, ...of })], {
        t: device,
        now: 1_000,
        maxQueueDelayMs: 50,
        arrivals: arriving(1, 1_000),
        ...over,
      }),
    );

  it('waits while company is near and saves more than the wait costs', () => {
    expect(held()).toMatchObject({ kind: 'hold' });
  });

  it('does not wait when the next one is far', () => {
    expect(held({ arrivals: arriving(20, 1_000) })).toMatchObject({ reason: 'not-worth-waiting' });
  });

  it('does not wait where company saves nothing', () => {
    expect(held({ t: core })).toMatchObject({ reason: 'not-worth-waiting' });
  });

  it('does not wait beside an idle instance', () => {
    expect(held({ idleRuns: 2 })).toMatchObject({ reason: 'not-worth-waiting' });
  });

  it('waits no longer than allowed', () => {
    expect(held({ maxQueueDelayMs: 10 }, { enteredAt: 990 })).toMatchObject({ reason: 'delay-over' });
  });

  it('releases in time for a deadline', () => {
    expect(held({}, { deadline: 1_008 })).toMatchObject({ reason: 'deadline' });
    const decision = held({}, { deadline: 1_012 });
    expect(decision.kind === 'hold' ? decision.until : Number.NaN).toBeLessThan(1_002.5);
  });

  it('never waits before anything was measured', () => {
    const given = { opening: situation([]).opening };
    expect(held(given)).toMatchObject({ reason: 'not-worth-waiting' });
  });
});
