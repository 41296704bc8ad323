import { DomainError } from '@trivium/contracts';

interface Crashes {
  readonly count: number;
  readonly how: string;
}

/** One crash may be the machine's; the second in a row is the file's. */
const CRASHES = 2;
const MAX_FILES = 1_000;

/**
 * Files, by hash, that end their workers: they are not loaded again until they are cleared. A new file has
 * a new hash and starts clean. Holds a bounded number of files and forgets the oldest first.
 */
export class Quarantine {
  readonly #files = new Map<string, Crashes>();

  /** A worker died while it loaded the file; the second in a row quarantines it. */
  noteCrash(hash: string, how: string): void {
    this.#set(hash, { count: (this.#files.get(hash)?.count ?? 0) + 1, how });
  }

  /** The file loaded: crashes before it do not count. What is quarantined stays so. */
  noteLoad(hash: string): void {
    if (!this.holds(hash)) this.#files.delete(hash);
  }

  /** At once: its work showed twice that it ends workers. */
  add(hash: string, how: string): void {
    this.#set(hash, { count: CRASHES, how });
  }

  holds(hash: string): boolean {
    return (this.#files.get(hash)?.count ?? 0) >= CRASHES;
  }

  /** What a quarantined file is refused with; undefined: it may be loaded. */
  refusal(hash: string, modelId: string): DomainError | undefined {
    const crashes = this.#files.get(hash);
    if (crashes === undefined || crashes.count < CRASHES) return undefined;
    const message = `${modelId} is quarantined: its file ${hash.slice(0, 12)} ended its workers, last by ${crashes.how}`;
    return new DomainError('model_not_available', message, { details: { quarantined: hash } });
  }

  /** Lets the file be loaded again: somebody asks for exactly that. */
  clear(hash: string): void {
    this.#files.delete(hash);
  }

  #set(hash: string, crashes: Crashes): void {
    this.#files.delete(hash);
    this.#files.set(hash, crashes);
    const [oldest] = this.#files.keys();
    if (this.#files.size > MAX_FILES && oldest !== undefined) this.#files.delete(oldest);
  }
}
