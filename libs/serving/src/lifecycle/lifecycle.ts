import { DomainError } from '@trivium/contracts';
import type { LoadProgress, ModelState } from '@trivium/contracts/inference';
import { type Clock, systemClock } from '../clock/clock.js';
import { CoolDown } from './cool-down.js';
import { Holding } from './holding.js';
import { LoadAttempt, type LoadPhase } from './load-attempt.js';
import type { LoadPace } from './load-pace.js';
import { orAbort } from './or-abort.js';
import { within } from './within.js';

/** Tells how far a load has come, from 0 to 1. */
export type ReportLoad = (phase: LoadPhase, progress: number) => void;

/** Rejects when the signal aborts. What it resolves with is ready to work. */
export type OpenResource<Resource> = (report: ReportLoad, signal: AbortSignal) => Promise<Resource>;

export interface LifecycleOptions<Resource> {
  /** Names the loadable in errors and reasons: `mini@int8 version 2`. */
  readonly name: string;
  readonly open: OpenResource<Resource>;
  /** Of the files that a load reads; with `pace` the base of the first estimate. */
  readonly bytes?: number | undefined;
  readonly pace?: LoadPace | undefined;
  /** Milliseconds without a lease after which it is unloaded; 0: at once, -1: never. */
  readonly keepAliveMs?: number | undefined;
  /** False: only {@link Lifecycle.load} loads it, a request does not. */
  readonly loadOnDemand?: boolean | undefined;
  /** A longer load has failed. */
  readonly loadTimeoutMs?: number | undefined;
  /** Longest wait for the last lease when it is unloaded or replaced. */
  readonly drainMs?: number | undefined;
  /** Requests that may wait for one load. */
  readonly maxWaiting?: number | undefined;
  readonly clock?: Clock | undefined;
  readonly onChange?: ((change: LifecycleChange) => void) | undefined;
}

export interface LifecycleChange {
  readonly name: string;
  readonly state: ModelState;
  readonly reason: string;
  /** Of the load that has just ended, when one has. */
  readonly loadMs?: number | undefined;
}

/** Use of a loaded resource, for as long as it is in scope: `using lease = await lifecycle.lease(…)`. */
export interface Lease<Resource> extends Disposable {
  readonly resource: Resource;
  /** Time that was spent waiting for it to load. */
  readonly loadMs: number;
}

export interface LeaseOptions {
  /** Longest wait for a load. */
  readonly waitMs: number;
  readonly signal?: AbortSignal | undefined;
}

const LOAD_TIMEOUT_MS = 600_000;
const DRAIN_MS = 30_000;
const MAX_WAITING = 1_024;
const SHORTEST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 30_000;
const USUAL_RETRY_MS = 1_000;
/** A load that nobody has used yet stays for those who were told to come back, whatever the keep-alive. */
const UNUSED_GRACE_MS = 2 * LONGEST_RETRY_MS;

/**
 * One loadable thing (a variant of a version of a model): loaded once however many ask, leased while it
 * works, unloaded when nothing needs it, replaced without a gap. After a failed load requests are
 * refused with the reason for a second, then two, four, up to a minute; {@link load} tries at once.
 */
export class Lifecycle<Resource extends AsyncDisposable> implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #coolDown: CoolDown;
  readonly #ending = new AbortController();
  #open: OpenResource<Resource>;
  #keepAliveMs: number;
  #state: ModelState = 'UNAVAILABLE';
  #reason = 'not loaded; the first request loads it';
  #holding: Holding<Resource> | undefined;
  #loading: Promise<void> | undefined;
  #attempt: LoadAttempt | undefined;
  #unloading: Promise<void> | undefined;
  #waiting = 0;
  #lastUsedAt: number;
  #expiry: Disposable | undefined;
  readonly #retiring = new Set<Promise<void>>();

  constructor(private readonly options: LifecycleOptions<Resource>) {
    this.#clock = options.clock ?? systemClock;
    this.#coolDown = new CoolDown(options.name, this.#clock);
    this.#open = options.open;
    this.#keepAliveMs = options.keepAliveMs ?? -1;
    this.#lastUsedAt = this.#clock.now();
  }

  get name(): string {
    return this.options.name;
  }

  get state(): ModelState {
    return this.#state;
  }

  /** Why it is in its state; empty when it is ready. */
  get reason(): string {
    return this.#reason;
  }

  /** Progress of the load under way; a replacement's too. */
  get loading(): LoadProgress | undefined {
    return this.#attempt?.at(this.#clock.now());
  }

  /** Leases on what serves now. */
  get busy(): number {
    return this.#holding?.leases ?? 0;
  }

  /** Whether its last load failed. */
  get failed(): boolean {
    return this.#coolDown.failed;
  }

  /** By the clock's time: when the last lease ended. */
  get lastUsedAt(): number {
    return this.#lastUsedAt;
  }

  /** What is loaded, to look at; only a lease keeps it. */
  get resource(): Resource | undefined {
    return this.#holding?.resource;
  }

  /** Takes effect at once, also for what is idle already. */
  set keepAliveMs(ms: number) {
    this.#keepAliveMs = ms;
    this.#watchIdle();
  }

  get keepAliveMs(): number {
    return this.#keepAliveMs;
  }

  /** Loads it unless it is loaded; resolves when it is ready, rejects with `model_not_available` when it does not load. */
  async load(): Promise<void> {
    this.#assertOpen();
    await this.#unloading?.catch(() => undefined); // who unloads hears of it
    if (this.#holding === undefined) await this.#beginLoad();
  }

  /**
   * A loaded resource. Waits at most `waitMs` for it to load, then throws `model_loading` with
   * `retryAfterMs` and `details.loading`; the load goes on. `model_not_available` while it cools down
   * after a failed load, `overloaded` when too many wait.
   */
  async lease({ waitMs, signal }: LeaseOptions): Promise<Lease<Resource>> {
    this.#assertOpen();
    signal?.throwIfAborted();
    const holding = this.#holding;
    if (holding !== undefined && this.#state === 'READY') return this.#leaseOf(holding, 0);
    if (this.#waiting >= (this.options.maxWaiting ?? MAX_WAITING)) {
      throw new DomainError('overloaded', `Too many requests wait for ${this.name} to load`, {
        retryAfterMs: this.#retryAfterMs(),
      });
    }
    const from = this.#clock.now();
    this.#waiting += 1;
    try {
      const ready = await within(this.#untilReady(), waitMs, this.#clock, signal);
      if (!ready) throw this.#stillLoading();
    } finally {
      this.#waiting -= 1;
    }
    const loaded = this.#holding;
    if (loaded === undefined) throw this.#stillLoading(); // unloaded again before this caller had its turn
    return this.#leaseOf(loaded, this.#clock.now() - from);
  }

  /**
   * Ends it when its last lease has ended, at most `drainMs` from now; then it stays ready and the
   * answer is `conflict`. Requests that come meanwhile wait, and load it again.
   */
  async unload(reason = 'unloaded'): Promise<void> {
    if (this.#loading !== undefined) await this.#loading.catch(() => undefined); // the load's callers hear of it
    this.#unloading ??= this.#unload(reason).finally(() => {
      this.#unloading = undefined;
    });
    await this.#unloading;
  }

  /** Unloads what nobody uses; false, and nothing else, when somebody does. */
  async evict(reason: string): Promise<boolean> {
    if (this.#state !== 'READY' || this.busy > 0 || this.#loading !== undefined) return false;
    await this.unload(reason);
    return true;
  }

  /**
   * Opens a new one beside the old one, which serves until the new one is ready, then ends with its last
   * lease. When the new one does not load, the old one stays and the error is thrown.
   */
  async reload(open: OpenResource<Resource> = this.#open): Promise<void> {
    this.#assertOpen();
    await this.#unloading?.catch(() => undefined); // who unloads hears of it
    while (this.#loading !== undefined) await this.#loading.catch(() => undefined); // its callers hear of it
    if (this.#holding === undefined) {
      this.#open = open;
      return this.#beginLoad();
    }
    const replaced = this.#track(this.#replace(open));
    await replaced;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort(new DomainError('unavailable', `${this.name} is stopping`));
    this.#expiry?.[Symbol.dispose]();
    await this.#loading?.catch(() => undefined); // its callers hear of it
    await this.#unloading?.catch(() => undefined);
    const holding = this.#holding;
    this.#holding = undefined;
    if (holding !== undefined) this.#change('UNLOADING', 'stopping');
    if (holding !== undefined) await this.#retire(holding);
    await Promise.all(this.#retiring);
    this.#change('UNAVAILABLE', 'stopped');
  }

  async #untilReady(): Promise<void> {
    await this.#unloading?.catch(() => undefined); // who unloads hears of it
    if (this.#holding !== undefined) return;
    if (this.#loading === undefined) this.#assertLoadable();
    await this.#beginLoad();
  }

  #beginLoad(): Promise<void> {
    if (this.#loading !== undefined) return this.#loading;
    this.#change('LOADING', 'loading');
    return this.#track(this.#load());
  }

  #track(load: Promise<void>): Promise<void> {
    this.#loading = load.finally(() => {
      this.#loading = undefined;
    });
    this.#loading.catch(() => undefined); // waiters may all have left; the failure is kept
    return this.#loading;
  }

  async #load(): Promise<void> {
    try {
      const { resource, loadMs } = await this.#openOnce(this.#open);
      this.#holding = new Holding(resource);
      this.#coolDown.succeed();
      this.#lastUsedAt = this.#clock.now();
      this.#change('READY', '', loadMs);
      this.#watchIdle(UNUSED_GRACE_MS);
    } catch (error) {
      this.#coolDown.fail(error);
      this.#change('UNAVAILABLE', this.#coolDown.reason);
      throw this.#coolDown.refusal();
    }
  }

  async #replace(open: OpenResource<Resource>): Promise<void> {
    const { resource, loadMs } = await this.#openOnce(open);
    const old = this.#holding;
    this.#open = open;
    this.#holding = new Holding(resource);
    this.#change('READY', '', loadMs);
    this.#watchIdle();
    if (old === undefined) return;
    const retired = this.#retire(old).finally(() => this.#retiring.delete(retired));
    this.#retiring.add(retired);
  }

  async #openOnce(open: OpenResource<Resource>): Promise<{ resource: Resource; loadMs: number }> {
    const { bytes = 0, pace, loadTimeoutMs = LOAD_TIMEOUT_MS } = this.options;
    const startedAt = this.#clock.now();
    const attempt = new LoadAttempt(startedAt, pace?.predict(bytes));
    this.#attempt = attempt;
    const giveUp = new AbortController();
    using _timer = this.#clock.after(loadTimeoutMs, () => {
      giveUp.abort(new DomainError('deadline_exceeded', `Loading took longer than ${loadTimeoutMs} ms`));
    });
    const signal = AbortSignal.any([giveUp.signal, this.#ending.signal]);
    try {
      const opened = open((phase, progress) => attempt.report(phase, progress), signal);
      const resource = await orAbort(opened, signal);
      const loadMs = this.#clock.now() - startedAt;
      pace?.record(bytes, loadMs);
      return { resource, loadMs };
    } finally {
      this.#attempt = undefined;
    }
  }

  #assertLoadable(): void {
    if (this.options.loadOnDemand === false) {
      throw new DomainError('model_not_available', `${this.name} is not loaded: ${this.#reason}`, {
        details: { reason: this.#reason },
      });
    }
    if (this.#coolDown.isCooling) throw this.#coolDown.refusal();
  }

  #assertOpen(): void {
    if (this.#ending.signal.aborted) throw this.#ending.signal.reason;
  }

  #stillLoading(): DomainError {
    const loading = this.loading ?? { state: 'queued', progress: 0 };
    return new DomainError('model_loading', `${this.name} is loading`, {
      retryAfterMs: this.#retryAfterMs(),
      details: { loading },
    });
  }

  #retryAfterMs(): number {
    const etaMs = this.loading?.etaMs ?? USUAL_RETRY_MS;
    return Math.ceil(Math.min(LONGEST_RETRY_MS, Math.max(SHORTEST_RETRY_MS, etaMs)));
  }

  #leaseOf(holding: Holding<Resource>, loadMs: number): Lease<Resource> {
    this.#expiry?.[Symbol.dispose]();
    this.#lastUsedAt = this.#clock.now();
    const held = holding.lease(() => {
      this.#lastUsedAt = this.#clock.now();
      if (holding === this.#holding) this.#watchIdle();
    });
    return { resource: holding.resource, loadMs, [Symbol.dispose]: () => held[Symbol.dispose]() };
  }

  #watchIdle(atLeastMs = 0): void {
    this.#expiry?.[Symbol.dispose]();
    this.#expiry = undefined;
    if (this.#keepAliveMs < 0 || this.#state !== 'READY' || this.busy > 0) return;
    const since = Math.max(0, this.#clock.now() - this.#lastUsedAt);
    const keepMs = Math.max(atLeastMs, this.#keepAliveMs);
    this.#expiry = this.#clock.after(Math.max(0, keepMs - since), () => {
      // The failure to close is reported as the state's reason.
      void this.evict(`idle for ${this.#keepAliveMs} ms`).catch(() => undefined);
    });
  }

  async #unload(reason: string): Promise<void> {
    const holding = this.#holding;
    if (holding === undefined) return;
    this.#expiry?.[Symbol.dispose]();
    this.#change('UNLOADING', reason);
    const { drainMs = DRAIN_MS } = this.options;
    if (!(await within(holding.whenIdle, drainMs, this.#clock))) {
      this.#change('READY', '');
      throw new DomainError('conflict', `${this.name} is still at work on ${holding.leases} requests`, {
        retryAfterMs: drainMs,
      });
    }
    this.#holding = undefined;
    try {
      await holding.close();
    } finally {
      this.#change('UNAVAILABLE', reason);
    }
  }

  /** After the bound it ends under its leases: an old version must not hold its memory for ever. */
  async #retire(holding: Holding<Resource>): Promise<void> {
    await within(holding.whenIdle, this.options.drainMs ?? DRAIN_MS, this.#clock);
    await holding.close().catch(() => undefined); // nobody asked for the old one; the new one serves
  }

  #change(state: ModelState, reason: string, loadMs?: number): void {
    this.#state = state;
    this.#reason = reason;
    this.options.onChange?.({ name: this.name, state, reason, ...(loadMs === undefined ? {} : { loadMs }) });
  }
}
