/** Monotonic time, replaceable so that scheduling is tested without waiting. */
export interface Clock {
  /** Milliseconds since some fixed moment; never steps back. */
  now(): number;
  /** Calls once after at least `delayMs`; disposing cancels. */
  after(delayMs: number, callback: () => void): Disposable;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};
