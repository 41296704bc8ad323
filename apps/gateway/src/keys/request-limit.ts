import { LRUCache } from 'lru-cache';

const MINUTE_MS = 60_000;
/** A key is forgotten early when so many others were used after it. */
const MAX_KEYS = 10_000;

export interface LimitDecision {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  readonly resetMs: number;
}

/** Requests per key and minute, counted in this process. A key's minute begins with its first request. */
export class RequestLimit {
  readonly #minutes = new LRUCache<string, { used: number }>({
    max: MAX_KEYS,
    ttl: MINUTE_MS,
    // Its clock is read each time: a remembered one lies before the beginning of a new minute.
    ttlResolution: 0,
  });
  readonly #limit: number;

  constructor(requestsPerMinute: number) {
    this.#limit = requestsPerMinute;
  }

  /** Undefined: there is no limit. */
  take(keyId: string): LimitDecision | undefined {
    const limit = this.#limit;
    if (limit === 0) return undefined;
    const minute = this.#minuteOf(keyId);
    minute.used += 1;
    return {
      allowed: minute.used <= limit,
      limit,
      remaining: Math.max(0, limit - minute.used),
      resetMs: Math.max(0, this.#minutes.getRemainingTTL(keyId)),
    };
  }

  #minuteOf(keyId: string): { used: number } {
    const running = this.#minutes.get(keyId);
    if (running !== undefined) return running;
    const begun = { used: 0 };
    this.#minutes.set(keyId, begun);
    return begun;
  }
}

/** Go's way of writing durations, as OpenAI's headers have it: `120ms`, `1s`, `6m0s`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.ceil(ms)}ms`;
  const seconds = Math.ceil(ms / 1_000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
