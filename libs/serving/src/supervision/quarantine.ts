import { DomainError } from '@trivium/contracts';
import { type Clock, systemClock } from '../clock/clock.js';

interface Ends {
  /** Ends of workers while they loaded it, in a row. */
  readonly loads: number;
  /** Ends of workers that had loaded it, since one of them answered. */
  readonly runs: number;
  readonly how: string;
  readonly at: number;
}

/** One end may be the machine's; the second in a row is the file's. */
const LOADS = 2;
/** Two pieces of work, each tried twice: one alone may be a caller's who wants the model gone. */
const RUNS = 4;
/** Ends that lie further apart have nothing to do with each other. */
const WITHIN_MS = 600_000;
const MAX_FILES = 1_000;

/**
 * Files, by hash, that end their workers: they are not loaded again until they are cleared. A new file has
 * a new hash and starts clean. Holds a bounded number of files and forgets the oldest first.
 */
export class Quarantine {
  readonly #files = new Map<string, Ends>();

  constructor(private readonly clock: Clock = systemClock) {}

  /** A worker ended while it loaded the file. */
  noteLoadCrash(hash: string, how: string): void {
    const { loads = 0, runs = 0 } = this.#recent(hash) ?? {};
    this.#set(hash, { loads: loads + 1, runs, how, at: this.clock.now() });
  }

  /** A worker ended that had loaded the file, at work or idle. */
  noteRunCrash(hash: string, how: string): void {
    const { loads = 0, runs = 0 } = this.#recent(hash) ?? {};
    this.#set(hash, { loads, runs: runs + 1, how, at: this.clock.now() });
  }

  /** The file loaded: ends while loading do not count any more. What is quarantined stays so. */
  noteLoad(hash: string): void {
    const record = this.#files.get(hash);
    if (record === undefined || isHeld(record)) return;
    if (record.runs === 0) this.#files.delete(hash);
    else this.#files.set(hash, { ...record, loads: 0 });
  }

  /** It answered: nothing before counts any more. What is quarantined stays so. */
  noteAnswer(hash: string): void {
    if (this.#files.size > 0 && !this.holds(hash)) this.#files.delete(hash);
  }

  holds(hash: string): boolean {
    return isHeld(this.#files.get(hash));
  }

  /** What a quarantined file is refused with; undefined: it may be loaded. */
  refusal(hash: string, modelId: string): DomainError | undefined {
    const record = this.#files.get(hash);
    if (record === undefined || !isHeld(record)) return undefined;
    const times =
      record.loads >= LOADS ? `${record.loads} in a row while they loaded` : `${record.runs} in a row`;
    const message = `${modelId} is quarantined: its file ${hash.slice(0, 12)} ended its workers, ${times}, the last by ${record.how}; load it explicitly to try again`;
    return new DomainError('model_not_available', message, { details: { quarantined: hash } });
  }

  /** Lets the file be loaded again: somebody asks for exactly that. */
  clear(hash: string): void {
    this.#files.delete(hash);
  }

  /** What still counts. */
  #recent(hash: string): Ends | undefined {
    const record = this.#files.get(hash);
    if (record === undefined || isHeld(record)) return record;
    return this.clock.now() - record.at < WITHIN_MS ? record : undefined;
  }

  #set(hash: string, record: Ends): void {
    this.#files.delete(hash);
    this.#files.set(hash, record);
    const [oldest] = this.#files.keys();
    if (this.#files.size > MAX_FILES && oldest !== undefined) this.#files.delete(oldest);
  }
}

function isHeld(record: Ends | undefined): boolean {
  return record !== undefined && (record.loads >= LOADS || record.runs >= RUNS);
}
