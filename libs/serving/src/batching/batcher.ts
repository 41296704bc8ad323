import { DomainError } from '@trivium/contracts';
import { type Clock, systemClock } from '../clock/clock.js';
import type { ModelV1 } from '../model/model.js';
import { WorkerLost } from '../supervision/worker.js';
import type { Completed, Entry, Priority } from './entry.js';
import { type Release, type ReleaseReason, WaitingLine } from './waiting-line.js';

export interface RunOptions {
  /** Aborting takes waiting work out of the line; its reason is what the caller gets when it is a DomainError. */
  readonly signal?: AbortSignal | undefined;
  /** On the batcher's clock; work whose deadline has passed never runs. */
  readonly deadline?: number | undefined;
  readonly priority?: Priority | undefined;
  /** On the batcher's clock: the moment the whole request came, so that its later steps keep its place. */
  readonly arrivedAt?: number | undefined;
}

export interface BatchEvent {
  readonly modelId: string;
  readonly variant: string;
  readonly bucket: string;
  readonly reason: ReleaseReason;
  readonly items: number;
  readonly cost: number;
  readonly computeMs: number;
  readonly longestQueueMs: number;
  readonly outcome: 'ok' | 'failed' | 'worker-lost';
}

export interface BatcherOptions {
  /** Entries that may wait; past it the answer is `overloaded`, at once. */
  readonly maxWaiting: number;
  readonly clock?: Clock;
  readonly onBatch?: (event: BatchEvent) => void;
}

/** A piece of work may cost two workers, never a third. */
const MAX_LOSSES = 2;
/** A failure of these kinds is the model's or the caller's, so cutting the batch would find nobody guilty. */
const SHARED_FAILURES = new Set([
  'unavailable',
  'model_not_available',
  'overloaded',
  'cancelled',
  'deadline_exceeded',
]);
/** Weight of the newest batch in the running average of milliseconds per unit of cost. */
const SMOOTHING = 0.2;

/**
 * Work-conserving: whatever waits leaves as soon as a run is free, in company only of what else waits
 * in its bucket. No timer ever holds work back.
 */
export class Batcher<Input, Output> implements AsyncDisposable {
  readonly #line = new WaitingLine<Input, Output>();
  /** Halves of a batch that failed: they go before the line. */
  readonly #halves: Entry<Input, Output>[][] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #clock: Clock;
  #sequence = 0;
  #closed = false;
  #expiry: { at: number; timer: Disposable } | undefined;
  #msPerCost = 0;

  constructor(
    private readonly model: ModelV1<Input, Output>,
    private readonly options: BatcherOptions,
  ) {
    this.#clock = options.clock ?? systemClock;
  }

  get waiting(): number {
    return this.#line.size;
  }

  get running(): number {
    return this.#running.size;
  }

  /** Milliseconds until what waits now has run, judged by how fast the latest batches went. */
  estimatedWaitMs(): number {
    return (this.#line.cost * this.#msPerCost) / this.model.limits.maxConcurrentBatches;
  }

  async run(input: Input, options: RunOptions = {}): Promise<Completed<Output>> {
    if (this.#closed) throw new DomainError('unavailable', `${this.model.modelId} is stopping`);
    options.signal?.throwIfAborted();
    if (this.#line.size >= this.options.maxWaiting) {
      throw new DomainError(
        'overloaded',
        `${this.model.modelId} has ${this.#line.size} pieces of work waiting`,
        {
          retryAfterMs: Math.max(100, Math.ceil(this.estimatedWaitMs())),
        },
      );
    }
    const { promise, resolve, reject } = Promise.withResolvers<Completed<Output>>();
    const now = this.#clock.now();
    const entry: Entry<Input, Output> = {
      input,
      cost: this.model.costOf(input),
      bucket: this.model.bucketOf(input),
      priority: options.priority ?? 'interactive',
      arrivedAt: options.arrivedAt ?? now,
      sequence: this.#sequence++,
      enteredAt: now,
      deadline: options.deadline ?? Number.POSITIVE_INFINITY,
      alone: false,
      losses: 0,
      settled: false,
      resolve,
      reject,
    };
    const leave = (): void => this.#abandon(entry, reasonOf(options.signal));
    options.signal?.addEventListener('abort', leave, { once: true });
    this.#line.add(entry);
    this.#dispatch();
    this.#watchDeadlines();
    try {
      return await promise;
    } finally {
      options.signal?.removeEventListener('abort', leave);
    }
  }

  /** Refuses what waits, lets finish what runs, then releases the model. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#expiry?.timer[Symbol.dispose]();
    const stopping = new DomainError('unavailable', `${this.model.modelId} is stopping`);
    for (const entry of this.#line.sweep(() => true)) this.#reject(entry, stopping);
    while (this.#running.size > 0) await Promise.all(this.#running);
    await this.model[Symbol.asyncDispose]();
  }

  #dispatch(): void {
    while (this.#running.size < this.model.limits.maxConcurrentBatches) {
      this.#expire();
      const release = this.#nextRelease();
      if (release === undefined) return;
      const run = this.#run(release).finally(() => {
        this.#running.delete(run);
        this.#dispatch();
      });
      this.#running.add(run);
    }
  }

  #nextRelease(): Release<Input, Output> | undefined {
    for (let half = this.#halves.shift(); half !== undefined; half = this.#halves.shift()) {
      const entries = half.filter(({ settled }) => !settled);
      if (entries.length > 0) return { entries, reason: 'halved' };
    }
    return this.#line.takeBatch(this.model.limits);
  }

  async #run({ entries, reason }: Release<Input, Output>): Promise<void> {
    const startedAt = this.#clock.now();
    const unwanted = new AbortController();
    const stopWatching = this.#abortWhenUnwanted(entries, unwanted);
    let outcome: BatchEvent['outcome'] = 'ok';
    try {
      const outputs = await this.model.doRun(
        entries.map(({ input }) => input),
        unwanted.signal,
      );
      this.#complete(entries, outputs, startedAt);
    } catch (error) {
      outcome = WorkerLost.is(error) ? 'worker-lost' : 'failed';
      this.#recover(entries, error);
    } finally {
      stopWatching();
    }
    this.#report(entries, reason, startedAt, outcome);
  }

  #complete(entries: readonly Entry<Input, Output>[], outputs: readonly Output[], startedAt: number): void {
    if (outputs.length !== entries.length) {
      throw new RangeError(`${this.model.modelId} answered ${outputs.length} of ${entries.length} inputs`);
    }
    const computeMs = this.#clock.now() - startedAt;
    outputs.forEach((output, index) => {
      const entry = entries[index];
      if (entry === undefined || entry.settled) return;
      entry.settled = true;
      const queueMs = startedAt - entry.enteredAt;
      entry.resolve({ output, execution: { queueMs, computeMs, batchSize: entries.length } });
    });
  }

  /** The one that fails alone is the one at fault; the others must not suffer for it. */
  #recover(entries: readonly Entry<Input, Output>[], error: unknown): void {
    const alive = entries.filter(({ settled }) => !settled);
    if (WorkerLost.is(error)) {
      for (const entry of alive) this.#retryAlone(entry, error);
      return;
    }
    const shared = DomainError.is(error) && SHARED_FAILURES.has(error.code);
    if (entries.length === 1 || shared) {
      for (const entry of alive) this.#reject(entry, error);
      return;
    }
    const middle = Math.ceil(alive.length / 2);
    this.#halves.push(...[alive.slice(0, middle), alive.slice(middle)].filter((half) => half.length > 0));
  }

  #retryAlone(entry: Entry<Input, Output>, lost: WorkerLost): void {
    entry.losses += 1;
    entry.alone = true;
    if (this.#closed || entry.losses >= MAX_LOSSES) {
      const code = lost.reason === 'hung' ? 'deadline_exceeded' : 'internal';
      this.#reject(
        entry,
        new DomainError(code, 'The work ended its worker twice', { retryable: false, cause: lost }),
      );
    } else {
      this.#line.add(entry);
      this.#watchDeadlines();
    }
  }

  /** The run goes on while one caller still waits for a part of it. */
  #abortWhenUnwanted(entries: readonly Entry<Input, Output>[], unwanted: AbortController): () => void {
    const check = (): void => {
      if (entries.every(({ settled }) => settled)) unwanted.abort(cancelled());
    };
    this.#onAbandoned.add(check);
    return () => this.#onAbandoned.delete(check);
  }

  readonly #onAbandoned = new Set<() => void>();

  #abandon(entry: Entry<Input, Output>, error: unknown): void {
    if (entry.settled) return;
    this.#line.remove(entry);
    this.#reject(entry, error);
    for (const check of this.#onAbandoned) check();
  }

  #expire(): void {
    const now = this.#clock.now();
    for (const entry of this.#line.sweep(({ deadline }) => deadline <= now)) {
      this.#reject(
        entry,
        new DomainError('deadline_exceeded', 'The deadline passed before the work could begin'),
      );
    }
  }

  /** One timer for the nearest deadline in the line, so that a stuck model still refuses on time. */
  #watchDeadlines(): void {
    const next = this.#line.nearestDeadline();
    if (next === this.#expiry?.at) return;
    this.#expiry?.timer[Symbol.dispose]();
    this.#expiry = undefined;
    if (next === Number.POSITIVE_INFINITY) return;
    const timer = this.#clock.after(Math.max(0, next - this.#clock.now()), () => {
      this.#expiry = undefined;
      this.#expire();
      this.#watchDeadlines();
    });
    this.#expiry = { at: next, timer };
  }

  #reject(entry: Entry<Input, Output>, error: unknown): void {
    if (entry.settled) return;
    entry.settled = true;
    entry.reject(error);
  }

  #report(
    entries: readonly Entry<Input, Output>[],
    reason: ReleaseReason,
    startedAt: number,
    outcome: BatchEvent['outcome'],
  ): void {
    const computeMs = this.#clock.now() - startedAt;
    const cost = entries.reduce((sum, entry) => sum + entry.cost, 0);
    if (outcome === 'ok' && cost > 0) {
      const latest = computeMs / cost;
      this.#msPerCost =
        this.#msPerCost === 0 ? latest : this.#msPerCost + SMOOTHING * (latest - this.#msPerCost);
    }
    this.options.onBatch?.({
      modelId: this.model.modelId,
      variant: this.model.variant,
      bucket: entries[0]?.bucket ?? '',
      reason,
      items: entries.length,
      cost,
      computeMs,
      longestQueueMs: Math.max(...entries.map(({ enteredAt }) => startedAt - enteredAt)),
      outcome,
    });
  }
}

const cancelled = (): DomainError => new DomainError('cancelled', 'Nobody waits for the answer any more');

function reasonOf(signal: AbortSignal | undefined): unknown {
  const reason: unknown = signal?.reason;
  return DomainError.is(reason) ? reason : cancelled();
}
