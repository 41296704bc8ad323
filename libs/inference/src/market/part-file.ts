import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** What the bytes on disk are a beginning of. */
interface Origin {
  readonly url: string;
  /** A strong one; without it nothing can be continued. */
  readonly etag: string;
}

/**
 * A file on its way: `<path>.part` with its bytes and `<path>.origin` with whose they are, so that a
 * later process goes on where this one ended. Its SHA-256 grows with it.
 */
export class PartFile {
  readonly #path: string;
  readonly #url: string;
  #hash: Hash = createHash('sha256');
  #handle: FileHandle | undefined;
  #etag: string | undefined;
  #bytes = 0;

  private constructor(path: string, url: string) {
    this.#path = path;
    this.#url = url;
  }

  static async open(path: string, url: string): Promise<PartFile> {
    await mkdir(dirname(path), { recursive: true });
    const part = new PartFile(path, url);
    await part.#recall();
    return part;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Of the bytes so far; undefined when they cannot be continued. */
  get etag(): string | undefined {
    return this.#etag;
  }

  get sha256(): string {
    return this.#hash.copy().digest('hex');
  }

  /** Forgets what there is; what comes next is a beginning with this etag. */
  async startOver(etag: string | undefined): Promise<void> {
    await this.close();
    await this.#forget();
    this.#etag = etag;
    if (etag !== undefined) {
      const origin: Origin = { url: this.#url, etag };
      await writeFile(`${this.#path}.origin`, JSON.stringify(origin));
    }
    this.#handle = await open(`${this.#path}.part`, 'w');
  }

  async append(chunk: Uint8Array): Promise<void> {
    this.#handle ??= await open(`${this.#path}.part`, 'a');
    await this.#handle.writeFile(chunk);
    this.#hash.update(chunk);
    this.#bytes += chunk.byteLength;
  }

  /** The bytes are safely on disk, and the file stands under its own name. */
  async finish(): Promise<void> {
    await this.#handle?.sync();
    await this.close();
    await rename(`${this.#path}.part`, this.#path);
    await rm(`${this.#path}.origin`, { force: true });
  }

  async remove(): Promise<void> {
    await this.close();
    await this.#forget();
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  async #forget(): Promise<void> {
    await rm(`${this.#path}.part`, { force: true });
    await rm(`${this.#path}.origin`, { force: true });
    this.#hash = createHash('sha256');
    this.#bytes = 0;
    this.#etag = undefined;
  }

  async #recall(): Promise<void> {
    const origin = await readOrigin(`${this.#path}.origin`);
    const size = await sizeOf(`${this.#path}.part`);
    if (origin?.url !== this.#url || size === undefined) return this.#forget();
    for await (const chunk of createReadStream(`${this.#path}.part`)) this.#hash.update(chunk as Buffer);
    this.#bytes = size;
    this.#etag = origin.etag;
  }
}

async function readOrigin(path: string): Promise<(Partial<Origin> & { etag: string }) | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  try {
    const origin = JSON.parse(text) as Partial<Origin> | null;
    return typeof origin?.etag === 'string' ? { ...origin, etag: origin.etag } : undefined;
  } catch {
    return undefined; // cut short when its writer died
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ size }) => size,
    () => undefined,
  );
}
