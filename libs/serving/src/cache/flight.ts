/** Work that several callers wait for; it is stopped when the last of them has left. */
export class Flight<Value> {
  readonly #stop = new AbortController();
  readonly #result: Promise<Value>;
  #waiting = 0;

  constructor(work: (signal: AbortSignal) => Promise<Value>) {
    this.#result = work(this.#stop.signal);
    this.#result.catch(() => undefined); // those who wait hear of it
  }

  get abandoned(): boolean {
    return this.#stop.signal.aborted;
  }

  /** The result, or the reason of the caller's own signal, whichever is first. */
  async wait(signal: AbortSignal | undefined, onAbandoned: () => void): Promise<Value> {
    const { promise: left, reject } = Promise.withResolvers<never>();
    const leave = (): void => reject(signal?.reason);
    this.#waiting += 1;
    signal?.addEventListener('abort', leave, { once: true });
    if (signal?.aborted === true) leave();
    let over = false;
    const ended = this.#result.finally(() => {
      over = true;
    });
    try {
      return await Promise.race([ended, left]);
    } finally {
      signal?.removeEventListener('abort', leave);
      ended.catch(() => undefined); // a caller that left does not care any more
      this.#waiting -= 1;
      if (this.#waiting === 0 && !over) {
        onAbandoned();
        this.#stop.abort(signal?.reason);
      }
    }
  }
}
