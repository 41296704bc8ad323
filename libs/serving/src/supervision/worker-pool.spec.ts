import { DomainError } from '@trivium/contracts';
import { describe, expect, it } from 'vitest';
import { FakeClock, settled } from '../clock/fake-clock.js';
import { FakeWorker } from './fake-worker.js';
import { type WorkerEvent, WorkerPool, type WorkerPoolOptions } from './worker-pool.js';

const never = (): AbortSignal => new AbortController().signal;

async function rig(options: Partial<WorkerPoolOptions> = {}, ready = true) {
  const clock = new FakeClock();
  const workers: FakeWorker[] = [];
  const events: WorkerEvent['type'][] = [];
  const spawn = (): FakeWorker => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker;
  };
  const pool = new WorkerPool<string, string>(spawn, {
    size: 1,
    hangAfterMs: 1000,
    clock,
    onWorker: ({ type }) => events.push(type),
    ...options,
  });
  const started = pool.start();
  if (ready) {
    for (const worker of workers) worker.becomeReady();
    await started;
  }
  const latest = (): FakeWorker => {
    const worker = workers.at(-1);
    if (worker === undefined) throw new RangeError('No worker');
    return worker;
  };
  return { pool, clock, workers, events, started, latest };
}

describe('WorkerPool', () => {
  it('gives each worker one task at a time, in the order they came', async () => {
    const { pool, latest } = await rig();
    const answers = ['a', 'b'].map((task) => pool.run(task, never()));
    await settled();

    expect(latest().tasks).toEqual(['a']);
    latest().finish();
    await settled();
    latest().finish();

    expect(await Promise.all(answers)).toEqual(['a done', 'b done']);
  });

  it('reports a worker that died under its task, and replaces it', async () => {
    const { pool, clock, workers, latest, events } = await rig();
    const answer = pool.run('a', never());
    await settled();

    latest().die();

    await expect(answer).rejects.toMatchObject({ name: 'WorkerLost', reason: 'exited' });
    await clock.advance(0);
    expect(workers).toHaveLength(2);
    latest().becomeReady();
    const again = pool.run('a', never());
    await settled();
    latest().finish();
    expect(await again).toBe('a done');
    expect(events).toEqual(['ready', 'lost', 'ready']);
  });

  it('replaces a worker that died idle', async () => {
    const { clock, workers, latest } = await rig();

    latest().die();
    await settled();
    await clock.advance(0);

    expect(workers).toHaveLength(2);
  });

  it('ends a worker that hangs', async () => {
    const { pool, clock, latest } = await rig({ hangAfterMs: 300 });
    const worker = latest();
    const outcome = expect(pool.run('a', never())).rejects.toMatchObject({ reason: 'hung' });
    await settled();

    await clock.advance(300);

    await outcome;
    expect(worker.killed).toBe(true);
  });

  it('leaves a worker alone that answered in time', async () => {
    const { pool, clock, latest } = await rig({ hangAfterMs: 300 });
    const answer = pool.run('a', never());
    await settled();
    latest().finish();
    await answer;

    await clock.advance(1000);

    expect(latest().killed).toBe(false);
  });

  it('keeps a worker whose task failed', async () => {
    const { pool, workers, latest } = await rig();
    const bad = pool.run('bad', never());
    await settled();
    latest().failTask(new Error('bad input'));
    await expect(bad).rejects.toThrow('bad input');

    const good = pool.run('good', never());
    await settled();
    latest().finish();

    expect(await good).toBe('good done');
    expect(workers).toHaveLength(1);
  });

  it('pauses longer before each replacement while they keep dying', async () => {
    const { clock, workers, latest } = await rig();

    const spawnedAt: number[] = [];
    for (let death = 0; death < 4; death += 1) {
      latest().die();
      await settled();
      const before = workers.length;
      while (workers.length === before) await clock.advance(50);
      spawnedAt.push(clock.now());
      latest().becomeReady();
      await settled();
    }

    const pauses = spawnedAt.map((at, index) => at - (spawnedAt[index - 1] ?? 0));
    expect(pauses).toEqual([50, 200, 400, 800]); // the first at once: the clock is read every 50 ms
  });

  it('forgets earlier failures once a worker has answered', async () => {
    const { pool, clock, workers, latest } = await rig();
    latest().die();
    await settled();
    await clock.advance(0);
    latest().becomeReady();
    const answer = pool.run('a', never());
    await settled();
    latest().finish();
    await answer;

    latest().die();
    await settled();
    await clock.advance(0);

    expect(workers).toHaveLength(3);
  });

  it('replaces a worker that holds too much after answering', async () => {
    const { pool, workers, latest, events } = await rig({ maxMemoryBytes: 100 });
    const first = latest();
    const answer = pool.run('a', never());
    await settled();
    first.memoryBytes = 101;
    first.finish();
    await answer;
    await settled();

    expect(first.closed).toBe(true);
    expect(workers).toHaveLength(2);
    expect(events).toEqual(['ready', 'recycled']);
  });

  it('says why no worker starts, to the starter and to every caller, and tries again', async () => {
    const { pool, clock, workers, started, latest } = await rig({}, false);
    const failure = new DomainError('model_not_available', 'no file');
    const waiting = pool.run('early', never());
    const refused = expect(waiting).rejects.toBe(failure);
    const outcome = expect(started).rejects.toBe(failure);

    latest().failToStart(failure);

    await outcome;
    await refused;
    expect(pool.available).toBe(false);
    await expect(pool.run('late', never())).rejects.toBe(failure);
    await clock.advance(0);
    expect(workers).toHaveLength(2);
    latest().becomeReady();
    await settled();
    expect(pool.available).toBe(true);
    expect(pool.startFailure).toBeUndefined();
  });

  it('waits for a replacement while another worker lives', async () => {
    const { pool, clock, workers } = await rig({ size: 2 });
    const [first, second] = workers;
    const busy = pool.run('busy', never());
    await settled();
    second?.die();
    await settled();

    const patient = pool.run('patient', never());
    await clock.advance(0);
    workers.at(-1)?.becomeReady();
    await settled();
    workers.at(-1)?.finish();

    expect(await patient).toBe('patient done');
    first?.finish();
    expect(await busy).toBe('busy done');
  });

  it('lets a caller leave the line', async () => {
    const { pool, latest } = await rig();
    const caller = new AbortController();
    void pool.run('a', never());
    const left = pool.run('b', caller.signal);

    caller.abort(new Error('left'));

    await expect(left).rejects.toThrow('left');
    latest().finish();
    await settled();
    expect(latest().tasks).toEqual(['a']);
  });

  it('closes every worker and takes no more work', async () => {
    const { pool, workers } = await rig({ size: 2 });

    await pool[Symbol.asyncDispose]();

    expect(workers.map(({ closed }) => closed)).toEqual([true, true]);
    await expect(pool.run('a', never())).rejects.toMatchObject({ code: 'unavailable' });
  });
});
