import { DomainError } from '@trivium/contracts';

/** Aborts one attempt when what it waits for does not come in time. */
export class Watchdog implements Disposable {
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  /** Set once time ran out. */
  fault: DomainError | undefined;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  expect(what: string, milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.fault = new DomainError('deadline_exceeded', `The upstream of this model sent ${what} in time.`, {
        details: { waitedMs: milliseconds },
      });
      this.#controller.abort(this.fault);
    }, milliseconds);
  }

  arrived(): void {
    clearTimeout(this.#timer);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
