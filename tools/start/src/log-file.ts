import { createWriteStream, type WriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';

const KEEP_BYTES = 16 * 1024 * 1024;

/** Appends a process's output to a file; past 16 MiB the file becomes `<name>.1` and a new one begins. */
export class LogFile {
  readonly #path: string;
  #stream: WriteStream;
  #written = 0;
  #turning = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
    this.#stream = createWriteStream(path, { flags: 'a' });
  }

  write(chunk: Buffer): void {
    this.#stream.write(chunk);
    this.#written += chunk.length;
    if (this.#written < KEEP_BYTES) return;
    this.#written = 0;
    this.#turning = this.#turning.then(() => this.#turnOver());
  }

  async #turnOver(): Promise<void> {
    const full = this.#stream;
    await rename(this.#path, `${this.#path}.1`);
    this.#stream = createWriteStream(this.#path, { flags: 'a' });
    full.end();
  }

  async close(): Promise<void> {
    await this.#turning;
    await new Promise<void>((resolve) => this.#stream.end(() => resolve()));
  }
}
