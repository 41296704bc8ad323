import { DomainError } from '@trivium/contracts';

/**
 * Refuses early what would wait too long: a permit is held for exactly as long as the work, by scope
 * (`using permit = admission.enter()`).
 */
export class Admission {
  #inFlight = 0;

  constructor(
    private readonly subject: string,
    private readonly limit: number,
    /** How soon asking again makes sense, asked when a caller is refused. */
    private readonly retryAfterMs: () => number,
  ) {}

  get inFlight(): number {
    return this.#inFlight;
  }

  enter(): Disposable {
    if (this.#inFlight >= this.limit) {
      throw new DomainError('overloaded', `${this.subject} is at capacity`, {
        retryAfterMs: Math.ceil(this.retryAfterMs()),
      });
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
