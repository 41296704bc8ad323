import { DomainError } from '@trivium/contracts';
import { Alarm } from '../clock/alarm.js';
import { type Clock, systemClock } from '../clock/clock.js';
import type { Measurement } from '../cost/duration-model.js';
import type { ModelV1 } from '../model/model.js';
import { isInstanceFault, onlyInstance } from '../placement/instance-group.js';
import { type InstanceLoad, InstanceLoads, isProbeDue, noteRelease } from '../placement/instance-load.js';
import { WorkerLost } from '../supervision/worker.js';
import { Arrivals } from './arrivals.js';
import { type Batch, type BatchEvent, BatchRun, whyLeft } from './batch-run.js';
import type { Completed, Entry, Priority } from './entry.js';
import { Expiry } from './expiry.js';
import { FairShare } from './fair-share.js';
import { priorityLevelOf, type PriorityRules } from './priority.js';
import { decide, probe, type ReleaseReason } from './release.js';
import { WaitingLine } from './waiting-line.js';

export interface RunOptions {
  /** Aborting takes waiting work out of the line; its reason is what the caller gets when it is a DomainError. */
  readonly signal?: AbortSignal | undefined;
  /** On the batcher's clock; work whose deadline has passed never runs. */
  readonly deadline?: number | undefined;
  /** `interactive` is level 1, `batch` the last level. */
  readonly priority?: Priority | undefined;
  /** 1 goes first; overrides `priority`. */
  readonly priorityLevel?: number | undefined;
  /** Whose work it is: tenants share the model by weight. */
  readonly tenant?: string | undefined;
  /** Longest that it may wait to begin. */
  readonly queueTimeoutMs?: number | undefined;
  /** On the batcher's clock: the moment the whole request came, so that its later steps keep its place. */
  readonly arrivedAt?: number | undefined;
}

export interface BatcherOptions extends PriorityRules {
  /** Items that may wait; past it the answer is `overloaded`, at once. */
  readonly maxWaiting: number;
  /** Longest that a batch may be held back for company, where the learned durations say it pays. Default 0: never. */
  readonly maxQueueDelayMs?: number | undefined;
  /** Longest wait of work that names none; 0, the default: until its deadline. */
  readonly defaultTimeoutMs?: number | undefined;
  /** Head start of a level over the next. Default 5000. */
  readonly agingMs?: number | undefined;
  /** Share of a tenant while several wait. Default 1 each. */
  readonly weightOf?: ((tenant: string) => number) | undefined;
  readonly clock?: Clock | undefined;
  readonly onBatch?: ((event: BatchEvent) => void) | undefined;
}

/** A piece of work may cost two workers, never a third. */
const MAX_LOSSES = 2;
const AGING_MS = 5_000;
const LEAST_RETRY_AFTER_MS = 100;
/** A failure of these kinds is the model's or the caller's, so cutting the batch would find nobody guilty. */
const CALLERS_FAILURES = new Set(['cancelled', 'deadline_exceeded']);

/**
 * The queue before a model. Whatever waits leaves as soon as an instance is free, in the company that
 * makes it cheaper (`decide` in release.ts); this class keeps time, runs what was decided and deals with
 * what goes wrong.
 */
export class Batcher<Input, Output> implements AsyncDisposable {
  readonly #line: WaitingLine<Entry<Input, Output>>;
  /** Batches that are formed already: halves of failed ones, and those that move on. They go before the line. */
  #formed: Batch<Input, Output>[] = [];
  readonly #loads: InstanceLoads<Input, Output>;
  readonly #arrivals = new Arrivals();
  readonly #expiry: Expiry<Entry<Input, Output>>;
  readonly #running = new Map<BatchRun<Input, Output>, Promise<void>>();
  readonly #clock: Clock;
  /** For the end of a hold, or for an instance that will let a run through again. */
  readonly #alarm: Alarm;
  #sequence = 0;
  #closed = false;

  constructor(
    private readonly model: ModelV1<Input, Output>,
    private readonly options: BatcherOptions,
  ) {
    this.#clock = options.clock ?? systemClock;
    this.#loads = new InstanceLoads(model.instances ?? [onlyInstance(model)]);
    this.#line = new WaitingLine(new FairShare(options.weightOf), options.agingMs ?? AGING_MS);
    this.#alarm = new Alarm(this.#clock, () => this.#dispatch());
    this.#expiry = new Expiry(this.#clock, (entries) => {
      for (const entry of entries) this.#expire(entry);
    });
  }

  /** Pieces of work in the line. */
  get waiting(): number {
    return this.#line.size;
  }

  /** Batches that run. */
  get running(): number {
    return this.#running.size;
  }

  /** Milliseconds until what waits now has run, judged by how fast the latest batches went. */
  estimatedWaitMs(): number {
    return this.#loads.drainMs(this.#line.cost);
  }

  /** Takes in a run that was timed elsewhere, such as a warm-up; for all instances, or those of a kind. */
  observe(measurement: Measurement, kind?: string): void {
    const models = this.#loads.all.filter(({ instance }) => kind === undefined || instance.kind === kind);
    for (const durations of new Set(models.map((load) => load.durations))) durations.observe(measurement);
  }

  /**
   * Waits for its turn, runs, answers. `overloaded` when the line is full, `deadline_exceeded` when it
   * could not begin in time, `unavailable` while no instance answers, `invalid_request` when the input
   * holds more items than a run may.
   */
  async run(input: Input, options: RunOptions = {}): Promise<Completed<Output>> {
    options.signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<Completed<Output>>();
    const entry = this.#entry(input, options, resolve, reject);
    this.#admit(entry);
    const leave = (): void => this.#abandon(entry, whyLeft(options.signal));
    options.signal?.addEventListener('abort', leave, { once: true });
    this.#arrivals.note(entry.bucket, entry.cost, entry.enteredAt);
    this.#enqueue(entry);
    this.#dispatch();
    try {
      return await promise;
    } finally {
      options.signal?.removeEventListener('abort', leave);
    }
  }

  /** Refuses what waits, lets finish what runs, then releases the model. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#expiry[Symbol.dispose]();
    this.#alarm[Symbol.dispose]();
    const stopping = this.#stopping();
    for (const entry of [...this.#line]) {
      this.#line.remove(entry);
      fail(entry, stopping);
    }
    while (this.#running.size > 0) await Promise.all(this.#running.values());
    for (const { entries } of this.#formed) for (const entry of entries) fail(entry, stopping);
    await this.model[Symbol.asyncDispose]();
  }

  #entry(
    input: Input,
    options: RunOptions,
    resolve: (completed: Completed<Output>) => void,
    reject: (error: unknown) => void,
  ): Entry<Input, Output> {
    const now = this.#clock.now();
    const deadline = options.deadline ?? Number.POSITIVE_INFINITY;
    const timeoutMs = options.queueTimeoutMs ?? (this.options.defaultTimeoutMs || Number.POSITIVE_INFINITY);
    return {
      input,
      items: this.model.itemsOf?.(input) ?? 1,
      cost: this.model.costOf(input),
      bucket: this.model.bucketOf(input),
      level: priorityLevelOf(options, this.options),
      tenant: options.tenant ?? '',
      arrivedAt: options.arrivedAt ?? now,
      sequence: this.#sequence++,
      enteredAt: now,
      expiresAt: Math.min(deadline, now + timeoutMs),
      deadline,
      alone: false,
      losses: 0,
      failedOn: new Set(),
      settled: false,
      resolve,
      reject,
    };
  }

  #admit(entry: Entry<Input, Output>): void {
    const { modelId, limits } = this.model;
    if (this.#closed) throw this.#stopping();
    if (entry.items > limits.maxBatchItems) {
      const message = `${modelId} takes ${limits.maxBatchItems} items at once, not ${entry.items}`;
      throw new DomainError('invalid_request', message);
    }
    if (this.#loads.broken) {
      throw new DomainError('unavailable', `No instance of ${modelId} answers`, {
        retryAfterMs: Math.ceil(this.#loads.nextAvailableMs() ?? LEAST_RETRY_AFTER_MS),
      });
    }
    while (this.#line.size > 0 && this.#line.items + entry.items > this.options.maxWaiting) {
      const last = this.#line.pushedOutBy(entry);
      if (last === undefined) throw this.#overloaded();
      this.#dequeue(last);
      fail(last, this.#overloaded());
    }
  }

  #enqueue(entry: Entry<Input, Output>): void {
    this.#line.add(entry);
    this.#expiry.add(entry);
  }

  #dequeue(entry: Entry<Input, Output>): boolean {
    this.#expiry.remove(entry);
    return this.#line.remove(entry);
  }

  #dispatch(): void {
    this.#expiry.sweep();
    this.#dispatchFormed();
    let hold: number | undefined;
    while (this.#line.size > 0 && !this.#closed) {
      const idle = this.#loads.idle();
      const [load] = idle;
      if (load === undefined) break;
      const now = this.#clock.now();
      const situation = {
        now,
        line: this.#line,
        arrivals: this.#arrivals,
        opening: {
          limits: load.instance.limits,
          durations: load.durations,
          idleRuns: this.#loads.idleRuns(idle),
        },
        maxQueueDelayMs: this.options.maxQueueDelayMs ?? 0,
      };
      const decision = (isProbeDue(load) ? probe(situation) : undefined) ?? decide(situation);
      if (decision.kind === 'hold') hold = decision.until - now;
      if (decision.kind !== 'release') break;
      this.#take(decision.entries, now);
      noteRelease(load, decision.entries.length, this.#line.size);
      this.#start(decision, load);
    }
    this.#wakeAfter(hold);
  }

  #take(entries: readonly Entry<Input, Output>[], now: number): void {
    entries.forEach((entry, index) => {
      const level = this.#line.levelOf(entry, now);
      this.#line.shares.charge(level, entry.tenant, entry.cost * entry.items, index === 0);
    });
    for (const entry of entries) this.#dequeue(entry);
  }

  /** Instances that failed a batch do not get it again. */
  #dispatchFormed(): void {
    const formed = this.#formed;
    this.#formed = [];
    for (const { entries, reason } of formed) {
      const alive = entries.filter(({ settled }) => !settled);
      if (alive.length === 0) continue;
      const load = this.#loads.idle().find(({ instance }) => !failedOn(alive, instance.name));
      if (load === undefined) {
        this.#formed.push({ entries: alive, reason });
        continue;
      }
      for (const entry of alive) this.#expiry.remove(entry);
      this.#start({ entries: alive, reason }, load);
    }
  }

  #start(batch: Batch<Input, Output>, load: InstanceLoad<Input, Output>): void {
    const { modelId, variant } = this.model;
    const run = new BatchRun(batch, load, this.#clock);
    load.running += 1;
    const finished = run
      .run(modelId, (error, alive) => this.#recover(alive, error, load))
      .then((report) => {
        load.running -= 1;
        this.#running.delete(run);
        this.#dispatch();
        this.options.onBatch?.({ modelId, variant, ...report });
      });
    this.#running.set(run, finished);
  }

  /** The one that fails alone is the one at fault; the others must not suffer for it. */
  #recover(
    alive: readonly Entry<Input, Output>[],
    error: unknown,
    { instance }: InstanceLoad<Input, Output>,
  ): void {
    if (WorkerLost.is(error)) {
      for (const entry of alive) this.#retryAlone(entry, error);
      return;
    }
    if (isInstanceFault(error)) {
      for (const entry of alive) entry.failedOn.add(instance.name);
      const another = this.#loads.all.some(
        (load) => load.instance.unavailableForMs === 0 && !failedOn(alive, load.instance.name),
      );
      if (another) this.#form(alive, 'moved');
      else for (const entry of alive) fail(entry, error);
      return;
    }
    const shared = DomainError.is(error) && CALLERS_FAILURES.has(error.code);
    if (alive.length === 1 || shared) {
      for (const entry of alive) fail(entry, error);
      return;
    }
    const middle = Math.ceil(alive.length / 2);
    this.#form(alive.slice(0, middle), 'halved');
    this.#form(alive.slice(middle), 'halved');
  }

  #form(entries: readonly Entry<Input, Output>[], reason: ReleaseReason): void {
    for (const entry of entries) {
      entry.expiresAt = entry.deadline; // it has begun in time, once
      this.#expiry.add(entry);
    }
    this.#formed.push({ entries, reason });
  }

  #retryAlone(entry: Entry<Input, Output>, lost: WorkerLost): void {
    entry.losses += 1;
    entry.alone = true;
    if (this.#closed || entry.losses >= MAX_LOSSES) {
      const code = lost.reason === 'hung' ? 'deadline_exceeded' : 'internal';
      const message = 'The work ended its worker twice';
      fail(entry, new DomainError(code, message, { retryable: false, cause: lost }));
    } else {
      entry.expiresAt = entry.deadline; // as in #form
      this.#enqueue(entry);
    }
  }

  #abandon(entry: Entry<Input, Output>, error: unknown): void {
    if (entry.settled) return;
    const waited = this.#dequeue(entry);
    fail(entry, error);
    if (waited) return;
    for (const run of this.#running.keys()) run.callerLeft();
  }

  #expire(entry: Entry<Input, Output>): void {
    this.#line.remove(entry);
    const what = entry.expiresAt === entry.deadline ? 'The deadline' : 'The time to wait in the queue';
    fail(entry, new DomainError('deadline_exceeded', `${what} passed before the work could begin`));
  }

  #wakeAfter(holdMs: number | undefined): void {
    const idleMs = this.#line.size + this.#formed.length > 0 ? this.#loads.nextAvailableMs() : undefined;
    const delays = [holdMs, idleMs].filter((ms) => ms !== undefined);
    const isIdle = delays.length === 0 || this.#closed;
    this.#alarm.set(isIdle ? undefined : this.#clock.now() + Math.min(...delays));
  }

  #overloaded(): DomainError {
    return new DomainError(
      'overloaded',
      `${this.model.modelId} has ${this.#line.size} pieces of work waiting`,
      { retryAfterMs: Math.max(LEAST_RETRY_AFTER_MS, Math.ceil(this.estimatedWaitMs())) },
    );
  }

  #stopping(): DomainError {
    return new DomainError('unavailable', `${this.model.modelId} is stopping`);
  }
}

function failedOn(entries: readonly Pick<Entry<unknown, unknown>, 'failedOn'>[], instance: string): boolean {
  return entries.some((entry) => entry.failedOn.has(instance));
}

function fail(entry: Pick<Entry<unknown, unknown>, 'settled' | 'reject'>, error: unknown): void {
  if (entry.settled) return;
  entry.settled = true;
  entry.reject(error);
}
