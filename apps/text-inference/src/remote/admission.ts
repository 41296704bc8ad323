import { DomainError } from '@trivium/contracts';

/** A bound on concurrent work; past it the answer is `overloaded`, at once. */
export class Admission {
  #inFlight = 0;

  constructor(private readonly limit: number) {}

  enter(): Disposable {
    if (this.#inFlight >= this.limit) {
      throw new DomainError('overloaded', 'The model is at capacity.', { retryAfterMs: 1_000 });
    }
    this.#inFlight += 1;
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (held) this.#inFlight -= 1;
        held = false;
      },
    };
  }
}
