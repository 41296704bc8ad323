/** How far a pull is. */
export interface PullProgress {
  /** The file that is fetched at the moment, by its path inside the version's folder. */
  readonly file: string;
  readonly bytes: number;
  /** Of all files together; absent while the hub has not told all of them. */
  readonly totalBytes?: number | undefined;
  readonly bytesPerSecond: number;
  readonly etaMs?: number | undefined;
}

/** Shorter stretches are too uneven to tell a speed. */
const STRETCH_MS = 500;
/** Weight of the newest stretch. */
const NEWEST = 0.3;

/** Speed of a transfer as a moving average over stretches of half a second, and the time that is left. */
export class Pace {
  readonly #now: () => number;
  #since: number;
  #from = 0;
  #speed: number | undefined;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#since = now();
  }

  /** Bytes so far. What was on disk before the pace began, or is fetched again, is no speed. */
  advance(bytes: number): void {
    const elapsed = this.#now() - this.#since;
    if (bytes < this.#from) return this.skipTo(bytes);
    if (elapsed < STRETCH_MS) return;
    const speed = ((bytes - this.#from) / elapsed) * 1_000;
    this.#speed = this.#speed === undefined ? speed : this.#speed + NEWEST * (speed - this.#speed);
    this.skipTo(bytes);
  }

  skipTo(bytes: number): void {
    this.#since = this.#now();
    this.#from = bytes;
  }

  get bytesPerSecond(): number {
    return this.#speed ?? 0;
  }

  etaMs(left: number): number | undefined {
    return this.#speed === undefined || this.#speed === 0 ? undefined : (left / this.#speed) * 1_000;
  }
}
