interface Waiter {
  readonly bytes: number;
  readonly enter: () => void;
}

/**
 * Lets in as many bytes at a time as fit, first come, first served. What is larger than the whole
 * budget is let in alone.
 */
export class ByteBudget {
  readonly #limit: number;
  readonly #waiting: Waiter[] = [];
  #taken = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Resolves with the permit, which gives the bytes back; rejects when a signal aborts first. */
  async enter(bytes: number, ends: readonly AbortSignal[]): Promise<Disposable> {
    const share = Math.min(bytes, this.#limit);
    if (this.#waiting.length > 0 || this.#taken + share > this.#limit) await this.#turn(share, ends);
    else this.#taken += share;
    return {
      [Symbol.dispose]: () => {
        this.#taken -= share;
        this.#admit();
      },
    };
  }

  async #turn(bytes: number, ends: readonly AbortSignal[]): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { bytes, enter: resolve };
    const end = AbortSignal.any([...ends]);
    const leave = (): void => {
      const index = this.#waiting.indexOf(waiter);
      if (index < 0) return; // let in at the same moment
      this.#waiting.splice(index, 1);
      this.#admit();
      reject(end.reason);
    };
    this.#waiting.push(waiter);
    end.addEventListener('abort', leave, { once: true });
    try {
      await promise;
    } finally {
      end.removeEventListener('abort', leave);
    }
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#taken + next.bytes > this.#limit) return;
      this.#waiting.shift();
      this.#taken += next.bytes;
      next.enter();
    }
  }
}
