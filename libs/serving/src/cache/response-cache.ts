import { LRUCache } from 'lru-cache';
import { type Clock, systemClock } from '../clock/clock.js';
import { Flight } from './flight.js';
import type { FlightClaim, SharedFlights } from './shared-flights.js';

export type CacheStatus = 'hit' | 'miss' | 'bypass';

export interface ResponseCacheOptions<Value> {
  /** Of all values together, with their keys. */
  readonly maxBytes: number;
  /** Memory that a value takes, in bytes. */
  readonly sizeOf: (value: Value) => number;
  /** What is kept of a value; the place to copy what would keep a larger buffer alive. */
  readonly toKeep?: ((value: Value) => Value) | undefined;
  readonly ttlMs?: number | undefined;
  /** Different work in flight; past it work is done without sharing. */
  readonly maxFlights?: number | undefined;
  readonly shared?: SharedFlights<Value> | undefined;
  /** Longest that a replica's claim holds the others back. */
  readonly claimTtlMs?: number | undefined;
  readonly clock?: Clock | undefined;
  /** The shared store failed; the work was done without it. */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

export interface CachedRun<Value> {
  /** From `cacheKey`. Its tenant is part of it, so no two tenants share a value. */
  readonly key: string;
  /** The signal aborts when nobody waits for the result any more. */
  readonly compute: (signal: AbortSignal) => Promise<Value>;
  readonly signal?: AbortSignal | undefined;
  readonly ttlMs?: number | undefined;
  /** The request opted out, or its answer is sampled: nothing is looked up, shared or kept. */
  readonly bypass?: boolean | undefined;
}

export interface CachedAnswer<Value> {
  /** Shared with other callers: to be read only. */
  readonly value: Value;
  /** `hit`: somebody else did the work, before or at the same time. */
  readonly status: CacheStatus;
}

const TTL_MS = 600_000;
const CLAIM_TTL_MS = 30_000;
const MAX_FLIGHTS = 10_000;
/** Key, links and times of an entry. */
const ENTRY_OVERHEAD_BYTES = 512;

type Outcome<Value> = { readonly value: Value; readonly own: boolean };

/**
 * Answers kept by key under a cap of bytes, and identical work in flight done once: here, and through
 * {@link SharedFlights} across replicas. Errors are never kept: when the caller that leads a flight
 * fails, each of its followers tries once more, again together. A caller that leaves disturbs nobody.
 */
export class ResponseCache<Value extends object> {
  readonly #values: LRUCache<string, Value>;
  readonly #flights = new Map<string, Flight<Outcome<Value>>>();
  readonly #clock: Clock;

  constructor(private readonly options: ResponseCacheOptions<Value>) {
    this.#clock = options.clock ?? systemClock;
    const { maxBytes, sizeOf, ttlMs = TTL_MS } = options;
    this.#values = new LRUCache<string, Value>({
      maxSize: Math.max(1, Math.floor(maxBytes)),
      sizeCalculation: (value) => Math.ceil(sizeOf(value)) + ENTRY_OVERHEAD_BYTES,
      ttl: ttlMs,
      ttlResolution: 0,
      // lru-cache takes a start of 0 for no time limit, and a clock may begin there.
      perf: { now: () => this.#clock.now() + 1 },
    });
  }

  /** Of what is kept, keys included. */
  get bytes(): number {
    return this.#values.calculatedSize;
  }

  get size(): number {
    return this.#values.size;
  }

  get flights(): number {
    return this.#flights.size;
  }

  async run(run: CachedRun<Value>): Promise<CachedAnswer<Value>> {
    const { key, compute, signal, bypass = false } = run;
    signal?.throwIfAborted();
    if (bypass) return { value: await compute(signal ?? new AbortController().signal), status: 'bypass' };
    const kept = this.#values.get(key);
    if (kept !== undefined) return { value: kept, status: 'hit' };
    if (!this.#flights.has(key) && this.#flights.size >= (this.options.maxFlights ?? MAX_FLIGHTS)) {
      return { value: await compute(signal ?? new AbortController().signal), status: 'miss' };
    }
    const followed = this.#flights.get(key);
    if (followed === undefined) return this.#lead(run);
    try {
      const { value } = await this.#join(followed, run);
      return { value, status: 'hit' };
    } catch {
      signal?.throwIfAborted();
      return this.#again(run);
    }
  }

  clear(): void {
    this.#values.clear();
  }

  /** After a flight that failed: the first of its followers leads the next one, and no further one follows it. */
  async #again(run: CachedRun<Value>): Promise<CachedAnswer<Value>> {
    const kept = this.#values.get(run.key);
    if (kept !== undefined) return { value: kept, status: 'hit' };
    const followed = this.#flights.get(run.key);
    if (followed === undefined) return this.#lead(run);
    const { value } = await this.#join(followed, run);
    return { value, status: 'hit' };
  }

  async #lead(run: CachedRun<Value>): Promise<CachedAnswer<Value>> {
    const { key } = run;
    const flight = new Flight((signal) => this.#work(run, signal));
    this.#flights.set(key, flight);
    const { value, own } = await this.#join(flight, run);
    return { value, status: own ? 'miss' : 'hit' };
  }

  async #join(flight: Flight<Outcome<Value>>, { key, signal }: CachedRun<Value>): Promise<Outcome<Value>> {
    // Removed before it is stopped, or a newcomer would join work that is ending.
    return flight.wait(signal, () => this.#remove(key, flight));
  }

  async #work(run: CachedRun<Value>, signal: AbortSignal): Promise<Outcome<Value>> {
    await Promise.resolve(); // the flight must be on the map before its work can end
    const flight = this.#flights.get(run.key);
    try {
      const outcome = await this.#acrossReplicas(run, signal);
      signal.throwIfAborted();
      this.#values.set(run.key, outcome.value, { ttl: run.ttlMs ?? this.options.ttlMs ?? TTL_MS });
      return outcome;
    } finally {
      if (flight !== undefined) this.#remove(run.key, flight);
    }
  }

  async #acrossReplicas(run: CachedRun<Value>, signal: AbortSignal): Promise<Outcome<Value>> {
    const { shared } = this.options;
    if (shared === undefined) return this.#own(run, signal);
    const flight = await this.#claim(shared, run.key);
    signal.throwIfAborted();
    if (flight?.kind === 'elsewhere') {
      try {
        return { value: await flight.result(signal), own: false };
      } catch {
        signal.throwIfAborted();
        return this.#own(run, signal); // the other replica gave up; its error is its own
      }
    }
    return this.#own(run, signal, flight?.claim);
  }

  async #own(
    run: CachedRun<Value>,
    signal: AbortSignal,
    claim?: FlightClaim<Value>,
  ): Promise<Outcome<Value>> {
    const { toKeep = (value: Value) => value } = this.options;
    try {
      const value = toKeep(await run.compute(signal));
      void claim?.publish(value).catch((error: unknown) => this.options.onFault?.(error));
      return { value, own: true };
    } catch (error) {
      void claim?.abandon().catch((fault: unknown) => this.options.onFault?.(fault));
      throw error;
    }
  }

  /** Undefined when the store does not answer: a cache must not fail the work. */
  async #claim(shared: SharedFlights<Value>, key: string) {
    try {
      return await shared.claim(key, this.options.claimTtlMs ?? CLAIM_TTL_MS);
    } catch (error) {
      this.options.onFault?.(error);
      return undefined;
    }
  }

  #remove(key: string, flight: Flight<Outcome<Value>>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }
}
