import { DomainError } from '@trivium/contracts';
import { type Clock, systemClock } from '../clock/clock.js';
import { MemoryTrend } from './memory-trend.js';
import { type Worker, WorkerLost } from './worker.js';

export interface WorkerEvent {
  readonly type: 'ready' | 'lost' | 'recycled' | 'failed-to-start';
  readonly slot: number;
  readonly detail: string;
}

export interface WorkerPoolOptions {
  readonly size: number;
  /** A task that takes longer has hung; its worker is ended. */
  readonly hangAfterMs: number;
  /** A worker that holds more after answering is replaced. */
  readonly maxMemoryBytes?: number;
  /** A worker that is not ready by then is ended. */
  readonly startWithinMs?: number;
  /** Why no worker may be started now; asked before each start. It is final: nothing is tried again. */
  readonly refusal?: () => Error | undefined;
  readonly clock?: Clock;
  readonly onWorker?: (event: WorkerEvent) => void;
}

interface Slot<Task, Reply> {
  readonly index: number;
  worker: Worker<Task, Reply> | undefined;
  memory: MemoryTrend;
  state: 'starting' | 'idle' | 'busy' | 'waiting-to-start';
  /** Ends in a row without an answer between them. */
  failures: number;
  /** Tells the task that runs here that its worker is gone. */
  interrupt: ((detail: string) => void) | undefined;
}

interface Waiter<Task, Reply> {
  readonly take: (slot: Slot<Task, Reply>) => void;
  readonly refuse: (error: unknown) => void;
}

const FIRST_BACK_OFF_MS = 200;
const LONGEST_BACK_OFF_MS = 10_000;

/**
 * Keeps `size` workers alive: one that exits, hangs or outgrows its memory is replaced, the first time
 * at once, then with growing pauses while it keeps failing. What a lost worker was doing is reported to
 * the caller as {@link WorkerLost}; whether to try again is the caller's decision.
 */
export class WorkerPool<Task, Reply> implements AsyncDisposable {
  readonly #slots: Slot<Task, Reply>[];
  readonly #waiters: Waiter<Task, Reply>[] = [];
  readonly #clock: Clock;
  readonly #closing: Promise<void>[] = [];
  #closed = false;
  #startFailure: unknown;

  constructor(
    private readonly spawn: (slot: number) => Worker<Task, Reply>,
    private readonly options: WorkerPoolOptions,
  ) {
    this.#clock = options.clock ?? systemClock;
    this.#slots = Array.from({ length: options.size }, (_, index) => ({
      index,
      worker: undefined,
      memory: new MemoryTrend(),
      state: 'waiting-to-start',
      failures: 0,
      interrupt: undefined,
    }));
  }

  /** Starts every worker; resolves when all are ready, rejects with the first that cannot start. */
  async start(): Promise<void> {
    await Promise.all(this.#slots.map((slot) => this.#startWorker(slot)));
  }

  /** Whether a task given now would find a worker that is ready or busy, not one that fails to start. */
  get available(): boolean {
    return this.#slots.some(({ state }) => state === 'idle' || state === 'busy');
  }

  /** Why no worker can start, when none can. */
  get startFailure(): unknown {
    return this.available ? undefined : this.#startFailure;
  }

  async run(task: Task, signal: AbortSignal): Promise<Reply> {
    const slot = await this.#acquire(signal);
    const { worker } = slot;
    if (worker === undefined) throw new RangeError('An idle slot without a worker');
    let hung = false;
    using _watchdog = this.#clock.after(this.options.hangAfterMs, () => {
      hung = true;
      worker.kill();
    });
    const { promise: lost, reject } = Promise.withResolvers<never>();
    slot.interrupt = (detail) => reject(new WorkerLost(hung ? 'hung' : 'exited', detail));
    try {
      const reply = await Promise.race([worker.run(task), lost]);
      slot.failures = 0;
      return reply;
    } catch (error) {
      throw hung && WorkerLost.is(error) ? new WorkerLost('hung', error.detail) : error;
    } finally {
      if (slot.worker === worker && slot.state === 'busy') this.#release(slot, worker);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const stopping = new DomainError('unavailable', 'The workers are stopping');
    for (const waiter of this.#waiters.splice(0)) waiter.refuse(stopping);
    await Promise.all([...this.#closing, ...this.#slots.map(({ worker }) => worker?.close())]);
  }

  async #acquire(signal: AbortSignal): Promise<Slot<Task, Reply>> {
    signal.throwIfAborted();
    if (this.#closed) throw new DomainError('unavailable', 'The workers are stopping');
    const idle = this.#slots.find(({ state }) => state === 'idle');
    if (idle !== undefined) {
      idle.state = 'busy';
      return idle;
    }
    if (this.startFailure !== undefined) throw this.startFailure;
    const { promise, resolve, reject } = Promise.withResolvers<Slot<Task, Reply>>();
    const waiter: Waiter<Task, Reply> = { take: resolve, refuse: reject };
    const leave = (): void => {
      const index = this.#waiters.indexOf(waiter);
      if (index >= 0) this.#waiters.splice(index, 1);
      reject(signal.reason);
    };
    this.#waiters.push(waiter);
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  #release(slot: Slot<Task, Reply>, worker: Worker<Task, Reply>): void {
    const { maxMemoryBytes = Number.POSITIVE_INFINITY } = this.options;
    slot.memory.note(worker.memoryBytes);
    const over = worker.memoryBytes > maxMemoryBytes;
    const early = slot.memory.willPass(maxMemoryBytes) && this.#othersServe(slot);
    if ((over || early) && !this.#closed) {
      const how = over ? 'held' : 'grew steadily to';
      this.#report('recycled', slot, `${how} ${worker.memoryBytes} bytes`);
      slot.worker = undefined;
      this.#closing.push(worker.close());
      void this.#startWorker(slot).catch(() => undefined); // the failure is kept and retried inside
      return;
    }
    this.#offer(slot);
  }

  #othersServe(slot: Slot<Task, Reply>): boolean {
    return this.#slots.some((one) => one !== slot && (one.state === 'idle' || one.state === 'busy'));
  }

  #offer(slot: Slot<Task, Reply>): void {
    slot.interrupt = undefined;
    const waiter = this.#waiters.shift();
    slot.state = waiter === undefined ? 'idle' : 'busy';
    waiter?.take(slot);
  }

  async #startWorker(slot: Slot<Task, Reply>): Promise<void> {
    const refusal = this.options.refusal?.();
    if (refusal !== undefined) {
      slot.state = 'waiting-to-start';
      this.#refuseStart(slot, refusal);
      throw refusal;
    }
    const worker = this.spawn(slot.index);
    slot.worker = worker;
    slot.memory = new MemoryTrend();
    slot.state = 'starting';
    void worker.exited.then((detail) => this.#onExit(slot, worker, detail));
    let late = false;
    const { startWithinMs } = this.options;
    using _limit =
      startWithinMs === undefined
        ? undefined
        : this.#clock.after(startWithinMs, () => {
            late = true;
            worker.kill();
          });
    try {
      await worker.ready;
    } catch (cause) {
      const error = late
        ? new DomainError('model_not_available', `Not loaded within ${startWithinMs} ms`, { cause })
        : cause;
      this.#onFailedStart(slot, worker, error);
      throw error;
    }
    if (slot.worker !== worker) return;
    this.#startFailure = undefined;
    this.#report('ready', slot, '');
    this.#offer(slot);
  }

  #onFailedStart(slot: Slot<Task, Reply>, worker: Worker<Task, Reply>, error: unknown): void {
    if (slot.worker !== worker) return;
    slot.worker = undefined;
    worker.kill();
    this.#restartLater(slot);
    this.#refuseStart(slot, error);
  }

  #refuseStart(slot: Slot<Task, Reply>, error: unknown): void {
    this.#startFailure = error;
    this.#report('failed-to-start', slot, String(error));
    if (!this.#slots.some(({ state }) => state !== 'waiting-to-start')) {
      for (const waiter of this.#waiters.splice(0)) waiter.refuse(error);
    }
  }

  #onExit(slot: Slot<Task, Reply>, worker: Worker<Task, Reply>, detail: string): void {
    // A worker that never became ready is handled where its start is awaited.
    if (slot.worker !== worker || slot.state === 'starting' || this.#closed) return;
    slot.worker = undefined;
    this.#report('lost', slot, detail);
    slot.interrupt?.(detail);
    this.#restartLater(slot);
  }

  #restartLater(slot: Slot<Task, Reply>): void {
    if (this.#closed) return;
    const delayMs =
      slot.failures === 0 ? 0 : Math.min(FIRST_BACK_OFF_MS * 2 ** (slot.failures - 1), LONGEST_BACK_OFF_MS);
    slot.failures += 1;
    slot.state = 'waiting-to-start';
    this.#clock.after(delayMs, () => {
      if (!this.#closed) void this.#startWorker(slot).catch(() => undefined); // kept and retried inside
    });
  }

  #report(type: WorkerEvent['type'], slot: Slot<Task, Reply>, detail: string): void {
    this.options.onWorker?.({ type, slot: slot.index, detail });
  }
}
