import { posix } from 'node:path';
import { type Entry, fromBufferPromise, type ZipFile } from 'yauzl';
import { type Origin, unsupported } from '../media-type/admit.js';
import type { OfdLimits } from './ofd-limits.js';

/** The files of an OFD by their paths; each is inflated when it is asked for, within the limits. */
export class OfdPackage {
  #inflated = 0;

  private constructor(
    private readonly zip: ZipFile,
    private readonly entries: ReadonlyMap<string, Entry>,
    private readonly limits: OfdLimits,
    private readonly origin: Origin,
  ) {}

  static async open(bytes: Uint8Array, limits: OfdLimits, origin: Origin): Promise<OfdPackage> {
    const entries = new Map<string, Entry>();
    try {
      const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      const zip = await fromBufferPromise(buffer, { lazyEntries: true, strictFileNames: true });
      if (zip.entryCount > limits.maxParts) {
        throw unsupported(
          `The OFD holds ${zip.entryCount} files; at most ${limits.maxParts} are accepted.`,
          origin,
        );
      }
      for await (const entry of zip.eachEntry()) entries.set(posix.normalize(entry.fileName), entry);
      return new OfdPackage(zip, entries, limits, origin);
    } catch (error) {
      throw refusal(error, 'The OFD cannot be read: it is no intact zip file', origin);
    }
  }

  /**
   * The text of the file at `location`, which the file `from` names: relative to its folder, or to the
   * root with a leading slash.
   */
  async read(location: string, from: string): Promise<{ readonly path: string; readonly text: string }> {
    const path = this.#resolve(location, from);
    const entry = this.entries.get(path);
    if (entry === undefined) throw unsupported(`The OFD names a file that it does not hold.`, this.origin);
    const { maxPartBytes, maxTotalBytes } = this.limits;
    if (entry.uncompressedSize > maxPartBytes || this.#inflated + entry.uncompressedSize > maxTotalBytes) {
      throw unsupported(
        `The OFD inflates to more than it may: ${maxPartBytes} bytes a file, ${maxTotalBytes} together.`,
        this.origin,
      );
    }
    this.#inflated += entry.uncompressedSize;
    try {
      // @NOTE the stream fails as soon as it yields more than the size that was just checked
      const stream = await this.zip.openReadStreamPromise(entry);
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      return { path, text: Buffer.concat(chunks).toString('utf8') };
    } catch (error) {
      throw refusal(error, 'The OFD cannot be read: a file inside is damaged or encrypted', this.origin);
    }
  }

  #resolve(location: string, from: string): string {
    const path = location.startsWith('/')
      ? posix.normalize(location.slice(1))
      : posix.join(posix.dirname(from), location);
    if (path.startsWith('..') || path.startsWith('/') || location.includes('\\')) {
      throw unsupported('The OFD names a file outside of itself.', this.origin);
    }
    return path;
  }
}

function refusal(error: unknown, message: string, origin: Origin): unknown {
  return error instanceof Error && error.name === 'DomainError'
    ? error
    : unsupported(`${message}.`, origin, error);
}
