import { setTimeout as delay } from 'node:timers/promises';
import { DomainError } from '@trivium/contracts';

export interface PatienceOptions {
  /** Failures in a row, without headway in between, after which the last one stands. */
  readonly attempts?: number | undefined;
  /** Doubles with every failure in a row, up to `longestDelayMs`. */
  readonly firstDelayMs?: number | undefined;
  readonly longestDelayMs?: number | undefined;
}

/** Longest that a hub may tell us to stay away before we would rather fail. */
const LONGEST_RETRY_AFTER_MS = 120_000;
/** So much in one attempt is headway: the next failure is the first again. A file's size bounds how often. */
const HEADWAY_BYTES = 1024 * 1024;

/** How often and how soon one download is tried again. */
export class Patience {
  readonly #attempts: number;
  readonly #firstDelayMs: number;
  readonly #longestDelayMs: number;
  #failures = 0;

  constructor({ attempts = 6, firstDelayMs = 500, longestDelayMs = 30_000 }: PatienceOptions = {}) {
    this.#attempts = attempts;
    this.#firstDelayMs = firstDelayMs;
    this.#longestDelayMs = longestDelayMs;
  }

  /** Waits for the right moment to try again, or throws the failure when it makes no sense to. */
  async afterFailure(error: unknown, receivedBytes: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (receivedBytes >= HEADWAY_BYTES) this.#failures = 0;
    this.#failures += 1;
    if (!mayPass(error) || this.#failures >= this.#attempts) throw error;
    await delay(this.#delayMs(error), undefined, { signal });
  }

  #delayMs(error: unknown): number {
    const asked = DomainError.is(error) ? error.retryAfterMs : undefined;
    if (asked !== undefined) {
      if (asked > LONGEST_RETRY_AFTER_MS) throw error;
      return asked;
    }
    const ceiling = Math.min(this.#longestDelayMs, this.#firstDelayMs * 2 ** (this.#failures - 1));
    // Half fixed, half by chance: many pulls that failed together do not come back together.
    return ceiling / 2 + Math.random() * (ceiling / 2);
  }
}

/** Failures of the network pass; of the others those that say so. */
function mayPass(error: unknown): boolean {
  if (DomainError.is(error)) return error.retryable;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && (code.startsWith('UND_ERR_') || NETWORK.has(code));
}

const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** Milliseconds of a `Retry-After` header: seconds, or a date. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
