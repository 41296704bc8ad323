import { DomainError } from '@trivium/contracts';

/** What one request may say it holds of the bodies in memory. */
export interface HeldBytes {
  /** Undefined when it may; otherwise the refusal. */
  hold(bytes: number): DomainError | undefined;
  /** As much more as is missing up to `bytes` in all. */
  holdUpTo(bytes: number): DomainError | undefined;
  /** As soon as the body is not needed any more; harmless when it was released before. */
  release(): void;
}

const RETRY_MS = 1_000;

/** Bounds the bytes of all bodies that are received or worked on at one time, so that they fit into memory. */
export class BodyBudget {
  readonly #total: number;
  #held = 0;

  constructor(totalBytes: number) {
    this.#total = totalBytes;
  }

  get held(): number {
    return this.#held;
  }

  open(): HeldBytes {
    let own = 0;
    let released = false;
    const hold = (bytes: number) => {
      if (released) return undefined;
      if (this.#held + bytes > this.#total) return tooMuchAtOnce();
      own += bytes;
      this.#held += bytes;
      return undefined;
    };
    return {
      hold,
      holdUpTo: (bytes) => hold(Math.max(0, bytes - own)),
      release: () => {
        released = true;
        this.#held -= own;
        own = 0;
      },
    };
  }
}

function tooMuchAtOnce(): DomainError {
  return new DomainError(
    'overloaded',
    'Too many large requests are being received at this moment. Try again shortly.',
    { retryAfterMs: RETRY_MS },
  );
}
