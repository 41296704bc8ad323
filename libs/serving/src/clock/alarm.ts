import type { Clock } from './clock.js';

/** One timer that is set anew as plans change; it rings once for each moment that it is set to. */
export class Alarm implements Disposable {
  #set: { readonly at: number; readonly timer: Disposable } | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly ring: () => void,
  ) {}

  /** By the clock's time: when it will ring. */
  get at(): number | undefined {
    return this.#set?.at;
  }

  /** Instead of the moment that it was set to before; undefined: not at all. */
  set(at: number | undefined): void {
    if (at === this.#set?.at) return;
    this[Symbol.dispose]();
    if (at === undefined) return;
    const timer = this.clock.after(Math.max(0, at - this.clock.now()), () => {
      this.#set = undefined;
      this.ring();
    });
    this.#set = { at, timer };
  }

  [Symbol.dispose](): void {
    this.#set?.timer[Symbol.dispose]();
    this.#set = undefined;
  }
}
