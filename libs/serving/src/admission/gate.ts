import { DomainError } from '@trivium/contracts';

/** Lets so many in at once and so many more wait in line; the rest is refused. */
export class Gate {
  #inside = 0;
  readonly #line: (() => void)[] = [];

  constructor(
    /** What is waited for, in errors: `step 2 (encoder)`. */
    private readonly name: string,
    private readonly maxInside: number,
    private readonly maxWaiting: number,
  ) {}

  get inside(): number {
    return this.#inside;
  }

  get waiting(): number {
    return this.#line.length;
  }

  /** First come, first served. Throws `overloaded` when the line is full, the signal's reason when it aborts. */
  async enter(signal: AbortSignal): Promise<Disposable> {
    signal.throwIfAborted();
    if (this.#inside < this.maxInside) {
      this.#inside += 1;
      return this.#permit();
    }
    if (this.#line.length >= this.maxWaiting) {
      throw new DomainError('overloaded', `Too many requests wait for ${this.name}`);
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = (): void => {
      this.#line.splice(this.#line.indexOf(enter), 1);
      reject(signal.reason);
    };
    const enter = (): void => {
      signal.removeEventListener('abort', leave);
      resolve();
    };
    this.#line.push(enter);
    signal.addEventListener('abort', leave, { once: true });
    await promise;
    return this.#permit();
  }

  /** The place goes straight to who is next, so nobody overtakes. */
  #permit(): Disposable {
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (!held) return;
        held = false;
        const next = this.#line.shift();
        if (next === undefined) this.#inside -= 1;
        else next();
      },
    };
  }
}
