import { DomainError } from '@trivium/contracts';
import type { Clock } from '../clock/clock.js';

const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;
/** Where an overload does not say itself when to come again. */
const USUAL_OVERLOAD_MS = 100;

/** Failed loads of one thing: after the first it is left alone for a second, then for two, four, up to a minute. */
export class CoolDown {
  #failures = 0;
  #failure: unknown;
  #until = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly name: string,
    private readonly clock: Clock,
  ) {}

  /** Whether the last load failed. */
  get failed(): boolean {
    return this.#failures > 0;
  }

  get isCooling(): boolean {
    return this.failed && this.clock.now() < this.#until;
  }

  /** Why the last load failed, fit for callers. */
  get reason(): string {
    return messageOf(this.#failure);
  }

  succeed(): void {
    this.#failures = 0;
    this.#failure = undefined;
  }

  fail(error: unknown): void {
    this.#failures += 1;
    this.#failure = error;
    const backOff = Math.min(FIRST_MS * 2 ** (this.#failures - 1), LONGEST_MS);
    // Want of memory passes by itself: its own time is better known than that of a broken file.
    const coolMs = isOverload(error) ? (error.retryAfterMs ?? USUAL_OVERLOAD_MS) : backOff;
    this.#until = this.clock.now() + coolMs;
  }

  /** What callers get after a failed load. */
  refusal(): DomainError {
    const failure = this.#failure;
    if (isOverload(failure)) return failure;
    const { name, reason } = this;
    return new DomainError('model_not_available', `${name} does not load: ${reason}`, {
      retryable: true,
      retryAfterMs: Math.max(1, Math.ceil(this.#until - this.clock.now())),
      details: { reason },
      cause: failure,
    });
  }
}

function isOverload(error: unknown): error is DomainError {
  return DomainError.is(error) && (error.code === 'overloaded' || error.code === 'model_loading');
}

/** Unknown errors may hold paths of this machine; their message is for the log, with the cause. */
function messageOf(error: unknown): string {
  return DomainError.is(error) ? error.message : 'an unexpected fault while loading';
}
