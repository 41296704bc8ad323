import { DomainError } from '@trivium/contracts';
import type { CallContext, CallOptions } from '@trivium/messaging';
import type { VerifiedKey } from '../keys/verified-key.js';

/** Half of what a message holds unless the broker is told otherwise; the rest is for words. */
const MOST_INLINE_BYTES = 512 * 1024;

/** One request with who asks, how long it may take and whether the client is still there. */
export class Exchange implements CallContext {
  readonly priority = 'interactive';
  readonly arrivedAt = performance.now();
  /** Made when somebody wants to hear of the end; the shortest answers never need it. */
  #abort: AbortController | undefined;
  #stopped: DomainError | undefined;
  readonly #afterwards: (() => void)[] = [];
  #deadline: number;
  #inlineBytes = 0;

  constructor(
    readonly requestId: string,
    readonly key: VerifiedKey,
    timeoutMs: number,
    private readonly chosenByClient: boolean,
  ) {
    this.#deadline = this.arrivedAt + timeoutMs;
  }

  get tenant(): string {
    return this.key.tenant;
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#stopped !== undefined) this.#abort.abort(this.#stopped);
    }
    return this.#abort.signal;
  }

  remaining(): number {
    return Math.max(0, this.#deadline - performance.now());
  }

  /** For every call made for this request: it has all the time that is left, and no less. */
  get callOptions(): CallOptions {
    return { context: this, deadline: this.remaining() };
  }

  /** Whether these bytes may travel in the message that asks for the answer; many small ones would not fit. */
  takeRoom(bytes: number): boolean {
    if (this.#inlineBytes + bytes > MOST_INLINE_BYTES) return false;
    this.#inlineBytes += bytes;
    return true;
  }

  /** Bounds work that knows no deadline of its own. */
  async inTime<T>(work: Promise<T>): Promise<T> {
    const { promise: ended, reject } = Promise.withResolvers<never>();
    const stopped = () => reject(this.signal.reason);
    const timer = setTimeout(() => reject(timeIsUp()), this.remaining());
    this.signal.addEventListener('abort', stopped, { once: true });
    try {
      return await Promise.race([work, ended]);
    } finally {
      clearTimeout(timer);
      this.signal.removeEventListener('abort', stopped);
    }
  }

  /** Streams may take longer than plain answers, unless the client itself set the time. */
  extend(timeoutMs: number): void {
    if (!this.chosenByClient) this.#deadline = this.arrivedAt + timeoutMs;
  }

  /** Run once the answer has left or the client has. */
  afterwards(work: () => void): void {
    this.#afterwards.push(work);
  }

  /** The answer has left, or the client has: nobody works for this request any more. */
  end(): void {
    for (const work of this.#afterwards.splice(0)) work();
  }

  /** Everything done for this request stops; what was not yet answered fails with the reason. */
  stop(reason: DomainError): void {
    this.#stopped ??= reason;
    this.#abort?.abort(reason);
  }
}

const timeIsUp = (): DomainError =>
  new DomainError('deadline_exceeded', 'The time for this request is over.');

export const clientLeft = (): DomainError =>
  new DomainError('cancelled', 'The client closed the connection.');

export const shuttingDown = (): DomainError =>
  new DomainError('unavailable', 'The server is restarting. Send the request again.', {
    retryAfterMs: 1_000,
  });
