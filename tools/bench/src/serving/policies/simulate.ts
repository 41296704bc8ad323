import { Batcher, type BatchLimits, type Clock, type ModelV1 } from '@trivium/serving';
import type { Trace } from './trace.js';

/** Milliseconds of a run of so many, padded to the longest: measured, or a formula. */
export type DurationTable = (items: number, longest: number) => number;

/** What happened to a trace. Durations in milliseconds. */
export interface Replay {
  readonly policy: string;
  readonly answered: number;
  /** From the first arrival to the last answer. */
  readonly makespanMs: number;
  readonly perSecond: number;
  readonly latencies: readonly number[];
  readonly waits: readonly number[];
  /** Of every run. */
  readonly batchSizes: readonly number[];
}

export interface ReplayOptions {
  readonly durationOf: DurationTable;
  /** Runs that go side by side, each as fast as alone. */
  readonly instances: number;
}

export interface BatcherReplayOptions extends ReplayOptions {
  readonly limits: Pick<BatchLimits, 'maxBatchItems' | 'maxBatchCost'>;
  readonly maxQueueDelayMs?: number | undefined;
  /** Runs timed beforehand, as when a model warms up. */
  readonly warmUp?: readonly (readonly [items: number, longest: number])[] | undefined;
}

/** Chooses what runs next out of what waits, in the order of arrival: how many of the first. */
export type FifoPolicy = (waiting: readonly number[]) => number;

export const oneByOne: FifoPolicy = () => 1;

/** First come, first served, so many at once: the usual window without its timer. */
export const fifo =
  (size: number): FifoPolicy =>
  (waiting) =>
    Math.min(size, waiting.length);

/** Text Embeddings Inference: as many of the first as fit, longest times number, into a budget of tokens. */
export const tokenBudget =
  (maxBatchTokens: number, maxBatchRequests = Number.POSITIVE_INFINITY): FifoPolicy =>
  (waiting) => {
    let longest = 0;
    let count = 0;
    for (const length of waiting) {
      longest = Math.max(longest, length);
      if (count > 0 && (longest * (count + 1) > maxBatchTokens || count >= maxBatchRequests)) break;
      count += 1;
    }
    return count;
  };

/** Plays a trace through a policy that takes from the front of the line. */
export function replayFifo(name: string, policy: FifoPolicy, trace: Trace, options: ReplayOptions): Replay {
  const free = new Array<number>(options.instances).fill(0);
  const [latencies, waits, batchSizes]: [number[], number[], number[]] = [[], [], []];
  let next = 0;
  while (next < trace.length) {
    const instance = free.indexOf(Math.min(...free));
    const now = Math.max(free[instance] ?? 0, trace[next]?.atMs ?? 0);
    let end = next;
    while (end < trace.length && (trace[end]?.atMs ?? 0) <= now) end += 1;
    const waiting = trace.slice(next, end);
    const batch = waiting.slice(0, policy(waiting.map(({ length }) => length)));
    const longest = Math.max(...batch.map(({ length }) => length));
    const done = now + options.durationOf(batch.length, longest);
    for (const { atMs } of batch) {
      latencies.push(done - atMs);
      waits.push(now - atMs);
    }
    batchSizes.push(batch.length);
    free[instance] = done;
    next += batch.length;
  }
  return summary(name, trace, Math.max(...free), { latencies, waits, batchSizes });
}

/** Plays a trace through the real `Batcher`, on simulated time. */
export async function replayBatcher(trace: Trace, options: BatcherReplayOptions): Promise<Replay> {
  const clock = new SimulatedClock();
  const batchSizes: number[] = [];
  const { durationOf, instances } = options;
  const model: ModelV1<number, undefined> = {
    specification: 'model/v1',
    modelId: 'replayed',
    variant: 'fp32',
    placement: 'cpu',
    limits: { ...options.limits, costUnit: 'tokens', maxConcurrentBatches: instances },
    costOf: (length) => length,
    bucketOf: () => '',
    async doRun(lengths) {
      batchSizes.push(lengths.length);
      await clock.sleep(durationOf(lengths.length, Math.max(...lengths)));
      return lengths.map(() => undefined);
    },
    async [Symbol.asyncDispose]() {},
  };
  const batcher = new Batcher(model, {
    maxWaiting: trace.length + 1,
    maxQueueDelayMs: options.maxQueueDelayMs,
    clock,
  });
  for (const [items, longest] of options.warmUp ?? []) {
    batcher.observe({ items, longest, durationMs: durationOf(items, longest) });
  }
  const [latencies, waits]: [number[], number[]] = [[], []];
  let lastMs = 0;
  for (const { atMs, length } of trace) {
    clock.after(atMs, () => {
      void batcher.run(length).then(({ execution }) => {
        lastMs = clock.now();
        latencies.push(lastMs - atMs);
        waits.push(execution.queueMs);
      });
    });
  }
  await clock.runOut();
  return summary('batcher', trace, lastMs, { latencies, waits, batchSizes });
}

function summary(
  policy: string,
  trace: Trace,
  lastMs: number,
  rest: Pick<Replay, 'latencies' | 'waits' | 'batchSizes'>,
): Replay {
  const makespanMs = lastMs - (trace[0]?.atMs ?? 0);
  const answered = rest.latencies.length;
  return { policy, answered, makespanMs, perSecond: (answered * 1_000) / makespanMs, ...rest };
}

/** Time that jumps to what comes next. */
class SimulatedClock implements Clock {
  #now = 0;
  #sequence = 0;
  readonly #heap: { readonly at: number; readonly sequence: number; callback: (() => void) | undefined }[] =
    [];

  now(): number {
    return this.#now;
  }

  after(delayMs: number, callback: () => void): Disposable {
    const timer = {
      at: this.#now + delayMs,
      sequence: this.#sequence++,
      callback: callback as typeof callback | undefined,
    };
    // Sorted from the last to the first, so that the next is popped.
    let [low, high] = [0, this.#heap.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#heap[middle];
      if (other !== undefined && (other.at - timer.at || other.sequence - timer.sequence) > 0)
        low = middle + 1;
      else high = middle;
    }
    this.#heap.splice(low, 0, timer);
    return { [Symbol.dispose]: () => (timer.callback = undefined) };
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  async runOut(): Promise<void> {
    for (let next = this.#heap.pop(); next !== undefined; next = this.#heap.pop()) {
      this.#now = next.at;
      next.callback?.();
      // Everything that can go on at this moment does.
      if (this.#heap.at(-1)?.at !== this.#now) await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** The value that so many percent do not exceed. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  const index = Math.ceil((percent / 100) * sorted.length) - 1;
  return sorted[Math.max(0, index)] ?? Number.NaN;
}
