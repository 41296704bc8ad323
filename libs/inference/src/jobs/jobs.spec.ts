import { DomainError } from '@trivium/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SharedRecords } from './job-records.js';
import type { JobBody, JobWork } from './job-run.js';
import { Jobs, type JobsOptions } from './jobs.js';

/** The shared store, in this process. */
class Store implements SharedRecords {
  readonly records = new Map<string, unknown>();
  failure: Error | undefined;
  puts = 0;

  async get(key: string): Promise<{ value: unknown } | undefined> {
    return this.records.has(key) ? { value: structuredClone(this.records.get(key)) } : undefined;
  }

  async put(key: string, value: unknown): Promise<void> {
    this.puts += 1;
    if (this.failure) throw this.failure;
    this.records.set(key, structuredClone(value));
  }

  async list(prefix = ''): Promise<{ value: unknown }[]> {
    const matching = [...this.records].filter(([key]) => key.startsWith(prefix));
    return matching.map(([, value]) => ({ value: structuredClone(value) }));
  }
}

/** A job whose end the test decides. */
function held() {
  const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown> | undefined>();
  const work: JobWork[] = [];
  const body: JobBody = (given) => {
    work.push(given);
    given.signal.addEventListener('abort', () => reject(given.signal.reason as Error));
    return promise;
  };
  return { body, resolve, reject, work };
}

let store: Store;

const replica = (overrides: Partial<JobsOptions> = {}) =>
  new Jobs({ records: store, service: 'text-inference', beatMs: 1_000, leaseMs: 10_000, ...overrides });
const pull = (body: JobBody, model = 'm') =>
  ({ kind: 'pull', model, purpose: `pull ${model}`, body }) as const;

beforeEach(() => {
  vi.useFakeTimers();
  store = new Store();
});
afterEach(() => void vi.useRealTimers());

describe('a job', () => {
  it('answers at once, and has its result in the end', async () => {
    const jobs = replica();
    const { body, resolve } = held();
    const { jobId, state } = await jobs.start(pull(body));
    resolve({ version: '3' });
    await vi.advanceTimersByTimeAsync(0);

    expect(state).toBe('running');
    expect(await jobs.get(jobId)).toMatchObject({
      state: 'succeeded',
      progress: 1,
      result: { version: '3' },
    });
  });

  it('is seen by another replica, with progress no older than a beat', async () => {
    const { body, work } = held();
    const { jobId } = await replica().start(pull(body));
    for (let step = 1; step <= 100; step += 1) work[0]?.report(step / 200, `${step} MiB`);
    await vi.advanceTimersByTimeAsync(1_000);

    expect(await replica().get(jobId)).toMatchObject({ state: 'running', progress: 0.5, detail: '100 MiB' });
    expect(store.puts).toBe(2);
  });

  it('that fails says why', async () => {
    const jobs = replica();
    const { body, reject } = held();
    const { jobId } = await jobs.start(pull(body));
    reject(new DomainError('upstream_error', 'wrong checksum'));
    await vi.advanceTimersByTimeAsync(0);

    expect(await jobs.get(jobId)).toMatchObject({
      state: 'failed',
      error: { code: 'upstream_error', message: 'wrong checksum' },
    });
  });

  it('keeps what was not expected out of its answer', async () => {
    const jobs = replica();
    const { body, reject } = held();
    const { jobId } = await jobs.start(pull(body));
    reject(new Error('password in /etc/secret'));
    await vi.advanceTimersByTimeAsync(0);
    const { error } = await jobs.get(jobId);

    expect(error?.code).toBe('internal');
    expect(error?.message).not.toContain('secret');
  });

  it('is one for all who want the same while it runs, on any replica', async () => {
    const { body, resolve } = held();
    const here = replica();
    const first = await here.start(pull(body));
    const second = await replica().start(pull(() => Promise.reject(new Error('never called'))));
    resolve(undefined);
    await vi.advanceTimersByTimeAsync(0);
    const third = await here.start(pull(held().body));

    expect(second.jobId).toBe(first.jobId);
    expect(third.jobId).not.toBe(first.jobId);
  });

  it('goes on while the store is away, and is written when it is back', async () => {
    const jobs = replica();
    const { body, resolve } = held();
    const { jobId } = await jobs.start(pull(body));
    store.failure = new Error('no responders');
    resolve({ version: '1' });
    await vi.advanceTimersByTimeAsync(500);
    store.failure = undefined;
    await vi.advanceTimersByTimeAsync(1_000);

    expect(await replica().get(jobId)).toMatchObject({ state: 'succeeded' });
  });
});

describe('cancelling', () => {
  it('stops a job here', async () => {
    const jobs = replica();
    const { jobId } = await jobs.start(pull(held().body));

    expect(await jobs.cancel(jobId)).toMatchObject({ state: 'cancelled' });
  });

  it('stops a job of another replica with its next beat', async () => {
    const owner = replica();
    const { jobId } = await owner.start(pull(held().body));
    await replica().cancel(jobId);
    await vi.advanceTimersByTimeAsync(1_000);

    expect(await replica().get(jobId)).toMatchObject({ state: 'cancelled' });
  });

  it('of a job that waits means that it never begins', async () => {
    const jobs = replica({ maxRunning: 1 });
    const waiting = held();
    await jobs.start(pull(held().body, 'a'));
    const { jobId } = await jobs.start(pull(waiting.body, 'b'));

    expect(await jobs.cancel(jobId)).toMatchObject({ state: 'cancelled' });
    expect(waiting.work).toEqual([]);
  });

  it('of a job that is over is a conflict, of an unknown one not found', async () => {
    const jobs = replica();
    const { jobId } = await jobs.start(pull(async () => undefined));
    await vi.advanceTimersByTimeAsync(0);

    await expect(jobs.cancel(jobId)).rejects.toMatchObject({ code: 'conflict' });
    await expect(jobs.cancel('job_x')).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('the number of jobs', () => {
  it('that run is bounded; the others follow in order', async () => {
    const jobs = replica({ maxRunning: 2 });
    const bodies = ['a', 'b', 'c'].map((model) => ({ model, ...held() }));
    for (const { model, body } of bodies) await jobs.start(pull(body, model));

    expect(bodies.map(({ work }) => work.length)).toEqual([1, 1, 0]);
    bodies[0]?.resolve(undefined);
    await vi.advanceTimersByTimeAsync(0);
    expect(bodies.map(({ work }) => work.length)).toEqual([1, 1, 1]);
  });

  it('that wait is bounded too', async () => {
    const jobs = replica({ maxRunning: 1, maxWaiting: 1 });
    await jobs.start(pull(held().body, 'a'));
    await jobs.start(pull(held().body, 'b'));

    await expect(jobs.start(pull(held().body, 'c'))).rejects.toMatchObject({ code: 'overloaded' });
  });
});

describe('an owner', () => {
  it('that died leaves a job that is seen as failed', async () => {
    const { jobId } = await replica().start(pull(held().body));
    vi.clearAllTimers();
    vi.setSystemTime(Date.now() + 11_000);

    expect(await replica().get(jobId)).toMatchObject({ state: 'failed', error: { code: 'unavailable' } });
    expect(await replica().list()).toMatchObject([{ jobId, state: 'failed' }]);
  });

  it('that stops says so', async () => {
    const owner = replica();
    const { jobId } = await owner.start(pull(held().body));
    await owner[Symbol.asyncDispose]();

    expect(await replica().get(jobId)).toMatchObject({ state: 'failed', error: { code: 'unavailable' } });
    await expect(owner.start(pull(held().body, 'b'))).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('of another service is not seen', async () => {
    await replica({ service: 'vision-inference' }).start(pull(held().body));

    expect(await replica().list()).toEqual([]);
  });
});
