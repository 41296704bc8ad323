/** A resource with the leases on it; closed once, when it was retired and the last lease is gone. */
export class Holding<Resource extends AsyncDisposable> {
  #leases = 0;
  #idle = Promise.withResolvers<void>();
  #closing: Promise<void> | undefined;

  constructor(readonly resource: Resource) {
    this.#idle.resolve();
  }

  get leases(): number {
    return this.#leases;
  }

  /** Counts until disposed, once. */
  lease(onIdle: () => void): Disposable {
    if (this.#leases === 0) this.#idle = Promise.withResolvers<void>();
    this.#leases += 1;
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (!held) return;
        held = false;
        this.#leases -= 1;
        if (this.#leases > 0) return;
        this.#idle.resolve();
        onIdle();
      },
    };
  }

  /** Resolves when nothing is leased. */
  get whenIdle(): Promise<void> {
    return this.#idle.promise;
  }

  close(): Promise<void> {
    this.#closing ??= Promise.resolve(this.resource[Symbol.asyncDispose]());
    return this.#closing;
  }
}
