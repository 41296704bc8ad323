import { DomainError } from '@trivium/contracts';

export interface PatienceLimits {
  /** Until the answer begins. */
  readonly firstMs: number;
  /** Between two pieces of it. */
  readonly gapMs: number;
}

/**
 * Ends an answer that has come to a halt. Only time spent waiting for the producer counts: a reader
 * may take as long as it likes.
 */
export class Patience implements Disposable {
  readonly #limits: PatienceLimits;
  readonly #abort = new AbortController();
  #timer: NodeJS.Timeout;
  #isWaiting = true;

  constructor(limits: PatienceLimits) {
    this.#limits = limits;
    this.#timer = this.#after(limits.firstMs, `The answer did not begin within ${seconds(limits.firstMs)}.`);
  }

  /** Fires with the reason when there was nothing for too long. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  begun(): void {
    const { gapMs } = this.#limits;
    clearTimeout(this.#timer);
    this.#timer = this.#after(gapMs, `The answer broke off: nothing came for ${seconds(gapMs)}.`);
  }

  rest(): void {
    this.#isWaiting = false;
  }

  wait(): void {
    this.#isWaiting = true;
    this.#timer.refresh();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #after(ms: number, message: string): NodeJS.Timeout {
    return setTimeout(() => {
      if (this.#isWaiting) this.#abort.abort(new DomainError('deadline_exceeded', message));
    }, ms);
  }
}

function seconds(ms: number): string {
  return `${ms / 1_000} s`;
}
