import type { AdmissionOptions, Priority } from '../messaging.js';

const DEFAULT_CONCURRENCY = 64;
const DEFAULT_QUEUE = 128;
/** After so many interactive requests in a row, one that waits as batch goes first. */
const INTERACTIVE_RUN = 4;
const RETRY_MS = { least: 100, most: 30_000 } as const;
/** How much the latest duration counts in the moving average. */
const SMOOTHING = 0.1;

export interface Applicant {
  readonly priority: Priority;
  /** Called once, when a place is free. */
  enter(): void;
}

export type Verdict = 'entered' | 'waiting' | 'refused';

/** The door of one subject: so many inside, so many waiting, the rest is told at once to come back later. */
export class Admission {
  readonly #concurrency: number;
  readonly #queue: number;
  readonly #interactive: Applicant[] = [];
  readonly #batch: Applicant[] = [];
  #inside = 0;
  #run = 0;
  #averageMs = 0;

  constructor(options: AdmissionOptions) {
    this.#concurrency = Math.max(1, options.concurrency ?? DEFAULT_CONCURRENCY);
    this.#queue = Math.max(0, options.queue ?? DEFAULT_QUEUE);
  }

  get inside(): number {
    return this.#inside;
  }

  get waiting(): number {
    return this.#interactive.length + this.#batch.length;
  }

  apply(applicant: Applicant): Verdict {
    if (this.#inside < this.#concurrency) {
      this.#inside += 1;
      applicant.enter();
      return 'entered';
    }
    const isBatch = applicant.priority === 'batch';
    const isFull =
      this.waiting >= this.#queue || (isBatch && this.#batch.length >= Math.ceil(this.#queue / 2));
    if (isFull) return 'refused';
    (isBatch ? this.#batch : this.#interactive).push(applicant);
    return 'waiting';
  }

  /** Gives up a place in the queue; false when it had none. */
  withdraw(applicant: Applicant): boolean {
    const line = applicant.priority === 'batch' ? this.#batch : this.#interactive;
    const index = line.indexOf(applicant);
    if (index >= 0) line.splice(index, 1);
    return index >= 0;
  }

  /** Each that entered leaves once; without a duration it did no work. */
  leave(durationMs?: number): void {
    if (durationMs !== undefined) this.#learn(durationMs);
    const next = this.#next();
    if (next === undefined) this.#inside -= 1;
    else next.enter();
  }

  #learn(durationMs: number): void {
    this.#averageMs =
      this.#averageMs === 0 ? durationMs : this.#averageMs + (durationMs - this.#averageMs) * SMOOTHING;
  }

  /** When a place is likely to be free for one who is refused now. */
  retryAfterMs(): number {
    const rounds = (this.waiting + 1) / this.#concurrency;
    return Math.round(Math.min(RETRY_MS.most, Math.max(RETRY_MS.least, this.#averageMs * rounds)));
  }

  #next(): Applicant | undefined {
    const batchIsDue =
      this.#batch.length > 0 && (this.#run >= INTERACTIVE_RUN || this.#interactive.length === 0);
    if (batchIsDue) {
      this.#run = 0;
      return this.#batch.shift();
    }
    this.#run += 1;
    return this.#interactive.shift();
  }
}
