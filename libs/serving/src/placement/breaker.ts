import type { Clock } from '../clock/clock.js';

export interface BreakerOptions {
  /** Failures in a row that open it. */
  readonly failures: number;
  /** First time that it stays open; doubled with every probe that fails. */
  readonly openForMs: number;
  readonly longestOpenMs: number;
}

/**
 * Stops calls to what keeps failing, and lets one through now and then to see.
 *
 * cockatiel, used elsewhere, answers only by running a call and reads the system's clock; the scheduler
 * must know whether and when a call would be let through before it forms a batch for it.
 */
export class Breaker {
  #failures = 0;
  #openedAt = 0;
  #openForMs = 0;
  #probing = false;

  constructor(
    private readonly options: BreakerOptions,
    private readonly clock: Clock,
  ) {}

  get open(): boolean {
    return this.#openForMs > 0;
  }

  /** Milliseconds until a call is let through; 0: now. While a probe runs: until the next would be due. */
  get waitMs(): number {
    if (!this.open) return 0;
    const rest = Math.max(0, this.#openedAt + this.#openForMs - this.clock.now());
    return this.#probing ? Math.max(rest, this.#openForMs) : rest;
  }

  /** Call once {@link waitMs} is 0, before the work; then one of the three outcomes. */
  begin(): void {
    if (this.open) this.#probing = true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#openForMs = 0;
    this.#probing = false;
  }

  failed(): void {
    this.#failures += 1;
    const probed = this.#probing;
    this.#probing = false;
    if (!probed && this.#failures < this.options.failures) return;
    this.#openForMs = probed
      ? Math.min(2 * this.#openForMs, this.options.longestOpenMs)
      : Math.max(this.#openForMs, this.options.openForMs);
    this.#openedAt = this.clock.now();
  }

  /** The outcome said nothing about what was called: the input was at fault, or nobody waited any more. */
  unknown(): void {
    this.#probing = false;
  }
}
