import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

const MINUTE_S = 60;

export interface LimitDecision {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  readonly resetMs: number;
}

/** Requests per key and minute, counted in this process. A key's minute begins with its first request. */
export class RequestLimit {
  readonly #limiter: RateLimiterMemory | undefined;
  readonly #limit: number;

  constructor(requestsPerMinute: number) {
    this.#limit = requestsPerMinute;
    if (requestsPerMinute > 0) {
      this.#limiter = new RateLimiterMemory({ points: requestsPerMinute, duration: MINUTE_S });
    }
  }

  /** Undefined: there is no limit. */
  take(keyId: string): Promise<LimitDecision> | undefined {
    return this.#limiter?.consume(keyId).then(
      (state) => this.#decision(true, state),
      (rejection: unknown) => {
        if (rejection instanceof RateLimiterRes) return this.#decision(false, rejection);
        throw rejection;
      },
    );
  }

  #decision(allowed: boolean, { remainingPoints, msBeforeNext }: RateLimiterRes): LimitDecision {
    return { allowed, limit: this.#limit, remaining: Math.max(0, remainingPoints), resetMs: msBeforeNext };
  }
}

/** Go's way of writing durations, as OpenAI's headers have it: `120ms`, `1s`, `6m0s`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.ceil(ms)}ms`;
  const seconds = Math.ceil(ms / 1_000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
