import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock, settled } from '../clock/fake-clock.js';
import { WorkerLost } from '../supervision/worker.js';
import { SequenceBatcher, type SequenceBatcherOptions } from './sequence-batcher.js';
import type { SequenceLimits, SequenceModelV1, SequenceTurn, StepOutput } from './sequence-model.js';

interface Text {
  readonly name: string;
  readonly length: number;
  readonly cost?: number;
  /** Steps at its beginning that show nothing. */
  readonly silent?: number;
}

const STEP_MS = 10;

/** Writes `length` pieces, one a step; each step takes 10 ms of the fake clock. */
class Writer implements SequenceModelV1<Text, string> {
  readonly specification = 'sequence-model/v1';
  readonly modelId = 'writer';
  readonly variant = 'fp32';
  readonly placement = 'cpu';
  readonly limits: SequenceLimits;
  readonly steps: (readonly string[])[] = [];
  readonly held = new Map<number, Text>();
  readonly faults = new Map<number, Error>();
  readonly forgotten = new Set<number>();
  mostCost = 0;

  constructor(
    private readonly clock: FakeClock,
    limits: Partial<SequenceLimits> = {},
  ) {
    this.limits = { maxSequences: 2, maxCost: 100, costUnit: 'tokens', ...limits };
  }

  costOf({ cost = 1 }: Text): number {
    return cost;
  }

  async doStep(batch: readonly SequenceTurn<Text>[]): Promise<readonly StepOutput<string>[]> {
    const fault = this.faults.get(this.steps.length);
    this.steps.push(batch.map(({ input }) => input.name));
    for (const { id, input } of batch) this.held.set(id, input);
    const costs = [...this.held.values()].map((input) => this.costOf(input));
    this.mostCost = Math.max(
      this.mostCost,
      costs.reduce((sum, cost) => sum + cost, 0),
    );
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.clock.after(STEP_MS, () => resolve(undefined));
    await promise;
    if (fault !== undefined) throw fault;
    return batch.map(({ id, input: { name, length, silent = 0 }, step }) => {
      if (name === 'bad') return { kind: 'failed', error: new Error('bad') };
      if (this.forgotten.delete(id)) return { kind: 'failed', error: new WorkerLost('exited', 'replaced') };
      if (step < silent) return { kind: 'running', pieces: [] };
      return { kind: step + 1 === length ? 'done' : 'running', pieces: [`${name}${step}`] };
    });
  }

  release(id: number): void {
    this.held.delete(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

function rig(limits: Partial<SequenceLimits> = {}, options: Partial<SequenceBatcherOptions> = {}) {
  const clock = new FakeClock();
  const model = new Writer(clock, limits);
  const batcher = new SequenceBatcher(model, { maxWaiting: 1_000, clock, ...options });
  return { clock, model, batcher };
}

async function all(stream: AsyncIterable<string>): Promise<string[]> {
  const pieces: string[] = [];
  for await (const piece of stream) pieces.push(piece);
  return pieces;
}

describe('SequenceBatcher', () => {
  it('lets sequences join and leave between steps', async () => {
    const { clock, model, batcher } = rig();
    const texts = [
      { name: 'a', length: 3 },
      { name: 'b', length: 1 },
      { name: 'c', length: 2 },
    ].map((text) => all(batcher.run(text)));

    await clock.advance(30);

    expect(await Promise.all(texts)).toEqual([['a0', 'a1', 'a2'], ['b0'], ['c0', 'c1']]);
    expect(model.steps).toEqual([
      ['a', 'b'],
      ['a', 'c'],
      ['a', 'c'],
    ]);
  });

  it('says how long a sequence waited and in what company it went', async () => {
    const { clock, batcher } = rig({ maxSequences: 1 });
    const first = batcher.run({ name: 'a', length: 2 });
    const second = batcher.run({ name: 'b', length: 1 });
    const read = Promise.all([all(first), all(second)]);

    await clock.advance(30);
    await read;

    expect(second.execution()).toEqual({ queueMs: 20, computeMs: 10, steps: 1, meanBatchSize: 1 });
  });

  it('waits for room by cost, and lets nobody pass the one whose turn it is', async () => {
    const { clock, model, batcher } = rig({ maxCost: 10, maxSequences: 4 });
    const texts = [
      { name: 'a', length: 2, cost: 6 },
      { name: 'large', length: 1, cost: 9 },
      { name: 'small', length: 1, cost: 1 },
    ].map((text) => all(batcher.run(text)));

    await clock.advance(40);
    await Promise.all(texts);

    expect(model.steps).toEqual([['a'], ['a'], ['large', 'small']]);
    expect(() => batcher.run({ name: 'x', length: 1, cost: 11 })).toThrow(
      expect.objectContaining({ code: 'invalid_request' }),
    );
  });

  it('pauses a sequence that nobody reads, and gives its place to another', async () => {
    const { clock, model, batcher } = rig({ maxSequences: 1 }, { maxBuffered: 2 });
    const unread = batcher.run({ name: 'a', length: 4 });
    const other = all(batcher.run({ name: 'b', length: 1 }));

    await clock.advance(100);

    expect(await other).toEqual(['b0']);
    expect(model.steps).toEqual([['a'], ['a'], ['b']]);
    const read = all(unread);
    await clock.advance(100);
    expect(await read).toEqual(['a0', 'a1', 'a2', 'a3']);
  });

  it('ends a sequence that is not read for too long', async () => {
    const { clock, model, batcher } = rig({}, { maxBuffered: 1, maxPauseMs: 500 });
    const unread = batcher.run({ name: 'a', length: 4 });

    await clock.advance(600);

    expect(model.held.size).toBe(0);
    await expect(all(unread)).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('frees the place of a caller who leaves, between steps', async () => {
    const { clock, model, batcher } = rig({ maxSequences: 1 });
    const caller = new AbortController();
    const left = all(batcher.run({ name: 'a', length: 100 }, { signal: caller.signal }));
    const outcome = expect(left).rejects.toMatchObject({ code: 'cancelled' });
    const next = all(batcher.run({ name: 'b', length: 1 }));
    await clock.advance(15);

    caller.abort();
    await clock.advance(15);

    await outcome;
    expect(await next).toEqual(['b0']);
    expect(model.held.size).toBe(0);
  });

  it('ends a sequence whose consumer breaks off', async () => {
    const { clock, model, batcher } = rig();
    const stream = batcher.run({ name: 'a', length: 100 });
    const broken = (async () => {
      for await (const piece of stream) if (piece === 'a1') break;
    })();

    await clock.advance(50);
    await broken;

    expect(batcher.running).toBe(0);
    expect(model.held.size).toBe(0);
  });

  it('refuses what could not join in time, and past its bound', async () => {
    const { clock, batcher } = rig({ maxSequences: 1 }, { maxWaiting: 1 });
    const running = all(batcher.run({ name: 'a', length: 10 }));
    await settled();
    const late = all(batcher.run({ name: 'b', length: 1 }, { queueTimeoutMs: 20 }));
    const outcome = expect(late).rejects.toMatchObject({ code: 'deadline_exceeded' });

    expect(() => batcher.run({ name: 'c', length: 1 })).toThrow(
      expect.objectContaining({ code: 'overloaded' }),
    );
    await clock.advance(100);

    await outcome;
    expect(await running).toHaveLength(10);
  });

  it('fails one sequence without the others', async () => {
    const { clock, batcher } = rig();
    const good = all(batcher.run({ name: 'a', length: 2 }));
    const bad = expect(all(batcher.run({ name: 'bad', length: 2 }))).rejects.toThrow('bad');

    await clock.advance(30);

    await bad;
    expect(await good).toEqual(['a0', 'a1']);
  });

  it('begins anew what had shown nothing when its worker was lost, and ends the rest', async () => {
    const { clock, model, batcher } = rig();
    model.faults.set(1, new WorkerLost('exited', 'SIGKILL'));
    const begun = expect(all(batcher.run({ name: 'a', length: 5 }))).rejects.toMatchObject({
      code: 'unavailable',
    });
    await clock.advance(5);
    const fresh = all(batcher.run({ name: 'b', length: 1 }));

    await clock.advance(50);

    await begun;
    expect(await fresh).toEqual(['b0']);
  });

  it('begins anew what only took in its input when the worker was lost, once', async () => {
    const { clock, model, batcher } = rig();
    model.faults.set(2, new WorkerLost('exited', 'SIGKILL'));
    const reading = all(batcher.run({ name: 'a', length: 5, silent: 3 }));
    await clock.advance(200);

    expect(await reading).toEqual(['a3', 'a4']);
    expect(model.steps).toHaveLength(3 + 5);
  });

  it('treats a sequence that its worker does not know any more as lost', async () => {
    const { clock, model, batcher } = rig();
    const silent = all(batcher.run({ name: 'a', length: 4, silent: 2 }));
    const shown = expect(all(batcher.run({ name: 'b', length: 5 }))).rejects.toMatchObject({
      code: 'unavailable',
    });
    await clock.advance(15);
    for (const id of model.held.keys()) model.forgotten.add(id);
    await clock.advance(200);

    await shown;
    expect(await silent).toEqual(['a2', 'a3']);
  });

  it('refuses what waits and ends what runs when it stops', async () => {
    const { clock, batcher } = rig({ maxSequences: 1 });
    const outcomes = Promise.allSettled(['a', 'b'].map((name) => all(batcher.run({ name, length: 9 }))));
    await clock.advance(15);

    const closed = batcher[Symbol.asyncDispose]();
    await clock.advance(15);
    await closed;

    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('delivers every sequence whole and in order, never over its limits', async () => {
    const text = fc.record({
      gapMs: fc.integer({ min: 0, max: 40 }),
      length: fc.integer({ min: 1, max: 12 }),
      cost: fc.integer({ min: 1, max: 8 }),
      level: fc.integer({ min: 1, max: 2 }),
      tenant: fc.constantFrom('t', 'u'),
      leavesAfterMs: fc.option(fc.integer({ min: 0, max: 80 }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 25 }), async (texts) => {
        const { clock, model, batcher } = rig({ maxSequences: 3, maxCost: 12 }, { maxBuffered: 2 });
        const outcomes: Promise<{ length: number; name: string; pieces: string[]; left: boolean }>[] = [];
        for (const [index, { gapMs, length, cost, level, tenant, leavesAfterMs }] of texts.entries()) {
          if (gapMs > 0) await clock.advance(gapMs);
          const caller = new AbortController();
          if (leavesAfterMs !== undefined) clock.after(leavesAfterMs, () => caller.abort());
          const name = `${index}-`;
          const options = { priorityLevel: level, tenant, signal: caller.signal };
          const stream = batcher.run({ name, length, cost }, options);
          outcomes.push(
            all(stream).then(
              (pieces) => ({ length, name, pieces, left: false }),
              () => ({ length, name, pieces: [], left: true }),
            ),
          );
        }
        await clock.advance(100_000);
        for (const { length, name, pieces, left } of await Promise.all(outcomes)) {
          if (left) continue;
          expect(pieces).toEqual(Array.from({ length }, (_, step) => `${name}${step}`));
        }
        for (const names of model.steps) {
          expect(names.length).toBeLessThanOrEqual(3);
          expect(new Set(names).size).toBe(names.length);
        }
        expect(model.mostCost).toBeLessThanOrEqual(12);
        expect([batcher.waiting, batcher.running, model.held.size]).toEqual([0, 0, 0]);
      }),
      { numRuns: 40 },
    );
  });

  it('shares its places between tenants by weight, within 10 %', async () => {
    const { clock, batcher } = rig(
      { maxSequences: 4, maxCost: 1_000 },
      { weightOf: (tenant) => (tenant === 'gold' ? 3 : 1) },
    );
    const served = { gold: 0, plain: 0 };
    const keepBusy = (tenant: 'gold' | 'plain', length: number): void => {
      void all(batcher.run({ name: tenant, length, cost: length }, { tenant })).then(() => {
        if (clock.now() > 10_000) return;
        served[tenant] += length;
        keepBusy(tenant, (length % 7) + 1);
      });
    };
    for (let n = 0; n < 20; n += 1) {
      keepBusy('gold', (n % 7) + 1);
      keepBusy('plain', (n % 7) + 1);
    }
    await clock.advance(12_000);

    expect(Math.abs(served.gold / (3 * served.plain) - 1)).toBeLessThan(0.1);
  });
});
