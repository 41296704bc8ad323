import { DomainError } from '@trivium/contracts';
import { describe, expect, it } from 'vitest';
import { FakeClock, settled } from '../clock/fake-clock.js';
import { FakeModel } from '../model/fake-model.js';
import type { BatchLimits } from '../model/model.js';
import { WorkerLost } from '../supervision/worker.js';
import type { BatchEvent } from './batch-run.js';
import { Batcher } from './batcher.js';

function rig(limits: Partial<BatchLimits> = {}, maxWaiting = 100) {
  const model = new FakeModel(limits);
  const clock = new FakeClock();
  const events: BatchEvent[] = [];
  const batcher = new Batcher(model, { maxWaiting, clock, onBatch: (event) => events.push(event) });
  return { model, clock, batcher, events };
}

const lost = (): WorkerLost => new WorkerLost('exited', 'SIGKILL');

describe('Batcher', () => {
  it('dispatches at once when a run is free, without waiting for company', async () => {
    const { model, batcher } = rig();

    const answer = batcher.run({ name: 'a' });
    model.latest.finish();

    expect((await answer).output).toBe('A');
  });

  it('batches what came while the model was busy', async () => {
    const { model, batcher } = rig();
    const answers = ['a', 'b', 'c'].map((name) => batcher.run({ name }));

    model.latest.finish();
    await settled();
    model.latest.finish();

    expect((await Promise.all(answers)).map(({ output }) => output)).toEqual(['A', 'B', 'C']);
    expect(model.runs.map(({ names }) => names)).toEqual([['a'], ['b', 'c']]);
  });

  it('finds out that company pays, whatever a disturbed warm-up has taught', async () => {
    const { model, clock, batcher, events } = rig({}, 1_000);
    batcher.observe({ items: 1, longest: 1, durationMs: 10 });
    for (const items of [2, 8]) batcher.observe({ items, longest: 1, durationMs: 30 * items });
    const answers = Array.from({ length: 900 }, (_, index) => batcher.run({ name: `${index}` }));
    while (batcher.waiting + batcher.running > 0) {
      await clock.advance(10);
      model.latest.finish();
      await settled();
    }
    await Promise.all(answers);

    expect(model.runs.slice(0, 64).map(({ names }) => names.length)).toEqual(Array(64).fill(1));
    expect(events.find(({ reason }) => reason === 'probe')).toMatchObject({ items: 4 });
    expect(Math.min(...model.runs.slice(-10, -1).map(({ names }) => names.length))).toBeGreaterThan(3);
  });

  it('keeps as many runs going as the model allows', () => {
    const { model, batcher } = rig({ maxConcurrentBatches: 2 });

    for (const name of ['a', 'b', 'c']) void batcher.run({ name });

    expect(model.runs).toHaveLength(2);
    expect(batcher.waiting).toBe(1);
  });

  it('says where the time went and how many shared the run', async () => {
    const { model, clock, batcher } = rig();
    void batcher.run({ name: 'first' });
    const second = batcher.run({ name: 'second' });
    void batcher.run({ name: 'third' });

    await clock.advance(30);
    model.latest.finish();
    await settled();
    await clock.advance(12);
    model.latest.finish();

    expect((await second).execution).toEqual({
      queueMs: 30,
      computeMs: 12,
      batchSize: 2,
      batchCost: 2,
      batchMates: 2,
      releaseReason: 'idle',
      instance: 'cpu',
      placement: 'cpu',
    });
  });

  it('refuses past its bound, at once, with a time to come back', async () => {
    const { model, clock, batcher } = rig({}, 1);
    const first = batcher.run({ name: 'a', cost: 10 });
    await clock.advance(500);
    model.latest.finish();
    await first;
    void batcher.run({ name: 'b', cost: 10 });
    void batcher.run({ name: 'c', cost: 20 });

    const refused = batcher.run({ name: 'd' });

    await expect(refused).rejects.toMatchObject({ code: 'overloaded', retryAfterMs: 1000 }); // 20 at 50 ms each
  });

  it('never runs work whose caller has left', async () => {
    const { model, batcher } = rig();
    const caller = new AbortController();
    void batcher.run({ name: 'a' });
    const unwanted = batcher.run({ name: 'b' }, { signal: caller.signal });

    caller.abort();
    model.latest.finish();

    await expect(unwanted).rejects.toMatchObject({ code: 'cancelled' });
    await settled();
    expect(model.runs).toHaveLength(1);
  });

  it('answers an abandoned call with the reason it was abandoned for', async () => {
    const { batcher } = rig();
    const caller = new AbortController();
    void batcher.run({ name: 'a' });
    const late = batcher.run({ name: 'b' }, { signal: caller.signal });

    caller.abort(new DomainError('deadline_exceeded', 'too late'));

    await expect(late).rejects.toMatchObject({ code: 'deadline_exceeded' });
  });

  it('aborts a run only when none of its callers is left', async () => {
    const { model, batcher } = rig();
    const callers = [new AbortController(), new AbortController()];
    void batcher.run({ name: 'blocker' });
    const answers = callers.map(({ signal }, index) => batcher.run({ name: `${index}` }, { signal }));
    const outcomes = Promise.allSettled(answers);
    model.latest.finish();
    await settled();

    callers[0]?.abort();
    expect(model.latest.signal.aborted).toBe(false);
    callers[1]?.abort();

    expect(model.latest.signal.aborted).toBe(true);
    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('refuses expired work on time even while the model is stuck, and never runs it', async () => {
    const { model, clock, batcher } = rig();
    void batcher.run({ name: 'stuck' });
    const expired = batcher.run({ name: 'b' }, { deadline: 50 });
    const outcome = expect(expired).rejects.toMatchObject({ code: 'deadline_exceeded' });

    await clock.advance(50);

    await outcome;
    model.latest.finish();
    await settled();
    expect(model.runs).toHaveLength(1);
  });

  it('watches the nearest deadline when one comes that is nearer', async () => {
    const { clock, batcher } = rig();
    void batcher.run({ name: 'stuck' });
    const far = batcher.run({ name: 'far' }, { deadline: 200 });
    const near = batcher.run({ name: 'near' }, { deadline: 20 });
    const outcomes = Promise.allSettled([far, near]);

    await clock.advance(20);
    expect(batcher.waiting).toBe(1);
    await clock.advance(180);

    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });

  it('isolates the one that fails by halving', async () => {
    const { model, batcher, events } = rig();
    void batcher.run({ name: 'blocker' });
    const answers = ['a', 'b', 'bad', 'd'].map((name) => batcher.run({ name }));
    const outcomes = Promise.allSettled(answers);
    model.latest.finish();
    await settled();

    while (batcher.running > 0) {
      if (model.latest.names.includes('bad')) model.latest.fail(new Error('bad input'));
      else model.latest.finish();
      await settled();
    }

    expect((await outcomes).map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(model.runs.map(({ names }) => names.join(''))).toEqual([
      'blocker',
      'abbadd',
      'ab',
      'badd',
      'bad',
      'd',
    ]);
    expect(events.map(({ reason, outcome }) => `${reason} ${outcome}`)).toEqual([
      'idle ok',
      'idle failed',
      'halved ok',
      'halved failed',
      'halved failed',
      'halved ok',
    ]);
  });

  it('does not search for a culprit when the model itself is gone', async () => {
    const { model, batcher } = rig();
    void batcher.run({ name: 'blocker' });
    const outcomes = Promise.allSettled(['a', 'b'].map((name) => batcher.run({ name })));
    model.latest.finish();
    await settled();

    model.latest.fail(new DomainError('model_not_available', 'no file'));

    expect((await outcomes).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(model.runs).toHaveLength(2);
  });

  it('runs the work of a lost worker again, each piece alone', async () => {
    const { model, batcher } = rig({ maxConcurrentBatches: 2 });
    void batcher.run({ name: 'x' });
    void batcher.run({ name: 'y' });
    const answers = ['a', 'b'].map((name) => batcher.run({ name }));
    model.runs[0]?.finish();
    await settled();

    model.latest.fail(lost());
    await settled();
    model.latest.finish();
    await settled();
    model.latest.finish();

    expect((await Promise.all(answers)).map(({ output }) => output)).toEqual(['A', 'B']);
    expect(model.runs.map(({ names }) => names.join(''))).toEqual(['x', 'y', 'ab', 'a', 'b']);
  });

  it('gives up on work that ended its worker twice', async () => {
    const { model, batcher } = rig();
    const answer = batcher.run({ name: 'poison' });
    const outcome = expect(answer).rejects.toMatchObject({ code: 'internal', retryable: false });

    model.latest.fail(lost());
    await settled();
    model.latest.fail(lost());

    await outcome;
    expect(model.runs).toHaveLength(2);
  });

  it('refuses a model that loses answers', async () => {
    const { model, batcher } = rig({ maxBatchItems: 1 });
    model.doRun = async () => [];

    await expect(batcher.run({ name: 'a' })).rejects.toThrow('answered 0 of 1');
  });

  it('finishes what runs, refuses what waits and then releases the model', async () => {
    const { model, batcher } = rig();
    const running = batcher.run({ name: 'a' });
    const waiting = batcher.run({ name: 'b' });
    const refused = expect(waiting).rejects.toMatchObject({ code: 'unavailable' });

    const closed = batcher[Symbol.asyncDispose]();
    await refused;
    expect(model.disposed).toBe(false);
    model.latest.finish();
    await closed;

    expect((await running).output).toBe('A');
    expect(model.disposed).toBe(true);
    await expect(batcher.run({ name: 'c' })).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('lets the tenant that fills the line give way to one that holds less', async () => {
    const { model, batcher } = rig({ maxBatchItems: 1 }, 3);
    void batcher.run({ name: 'running' });
    const flood = ['f1', 'f2', 'f3'].map((name) => batcher.run({ name }, { tenant: 'flood' }));
    const pushedOut = expect(flood[2]).rejects.toMatchObject({ code: 'overloaded' });

    const other = batcher.run({ name: 'other' }, { tenant: 'other' });
    await pushedOut;
    await expect(batcher.run({ name: 'f4' }, { tenant: 'flood' })).rejects.toMatchObject({
      code: 'overloaded',
    });
    while (batcher.running > 0) {
      model.latest.finish();
      await settled();
    }

    expect((await Promise.all([flood[0], flood[1], other])).map((answer) => answer?.output)).toEqual([
      'F1',
      'F2',
      'OTHER',
    ]);
  });

  it('refuses work that has waited as long as it may, and says so', async () => {
    const { clock, batcher } = rig();
    void batcher.run({ name: 'stuck' });
    const late = expect(batcher.run({ name: 'b' }, { queueTimeoutMs: 30 })).rejects.toMatchObject({
      code: 'deadline_exceeded',
      message: expect.stringContaining('queue') as string,
    });

    await clock.advance(30);

    await late;
  });

  it('refuses a level that there is not, and names the field', async () => {
    const { batcher } = rig();

    await expect(batcher.run({ name: 'a' }, { priorityLevel: 3 })).rejects.toMatchObject({
      code: 'invalid_request',
      param: 'priorityLevel',
    });
  });

  it('counts the items that inputs hold, and refuses more of them than a run may hold', async () => {
    const { model, batcher } = rig({ maxBatchItems: 4 });
    const counted = Object.assign(model, { itemsOf: ({ name }: { name: string }) => name.length });
    void batcher.run({ name: 'x' });
    const answers = ['abc', 'de', 'f'].map((name) => batcher.run({ name }));
    counted.latest.finish();
    await settled();
    counted.latest.finish();

    expect((await answers[0])?.execution).toMatchObject({
      batchSize: 4,
      batchMates: 2,
      releaseReason: 'full',
    });
    await expect(batcher.run({ name: 'abcde' })).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it('counts what was computed for nobody', async () => {
    const { model, clock, batcher, events } = rig();
    const caller = new AbortController();
    void batcher.run({ name: 'blocker' });
    const gone = expect(batcher.run({ name: 'a' }, { signal: caller.signal })).rejects.toThrow();
    const kept = batcher.run({ name: 'b' });
    model.latest.finish();
    await settled();
    caller.abort();
    await clock.advance(40);
    model.latest.finish();
    await Promise.all([gone, kept]);
    await settled();

    expect(events.at(-1)).toMatchObject({ outcome: 'ok', computeMs: 40, wastedMs: 20, requests: 2 });
  });

  it('holds work back for company when that was measured to pay, and no longer than allowed', async () => {
    const model = new FakeModel({ maxBatchItems: 16 });
    const clock = new FakeClock();
    const batcher = new Batcher(model, { maxWaiting: 100, maxQueueDelayMs: 8, clock });
    for (const items of [1, 2, 4, 8]) {
      for (let n = 0; n < 16; n += 1) batcher.observe({ items, longest: 1, durationMs: 10 });
    }
    // Learns that one comes each millisecond, while the first of them runs.
    for (let n = 0; n < 10; n += 1) {
      void batcher.run({ name: `${n}` });
      await clock.advance(1);
    }
    while (batcher.running > 0) {
      model.latest.finish();
      await settled();
    }
    const before = model.runs.length;
    void batcher.run({ name: 'held' });
    await clock.advance(1);
    const company = batcher.run({ name: 'company' });
    await settled();
    expect(model.runs).toHaveLength(before);

    await clock.advance(8);
    model.latest.finish();

    expect((await company).execution.batchMates).toBe(2);
  });
});
