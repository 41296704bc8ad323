const FIRST_MS = 500;
const LONGEST_MS = 30_000;
/** A process that stayed up this long has earned a fresh start of the delays. */
const STEADY_MS = 60_000;

/** How long to wait before a crashed process is started again: doubling from 0.5 s to 30 s. */
export class Backoff {
  #next = FIRST_MS;

  /** @param uptimeMs how long the process lived before it crashed */
  after(uptimeMs: number): number {
    if (uptimeMs >= STEADY_MS) this.#next = FIRST_MS;
    const delay = this.#next;
    this.#next = Math.min(this.#next * 2, LONGEST_MS);
    return delay;
  }
}
