import { mkdir, stat, statfs } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { DomainError } from '@trivium/contracts';
import type { ModelManifest, VersionFiles } from '@trivium/contracts/model-manifest';
import { Download } from './download.js';
import { Hub, type HubOptions } from './hub.js';
import { type HubFile, hubFiles } from './hub-file.js';
import { checkLicence } from './licence.js';
import { Pace, type PullProgress } from './pace.js';
import type { PatienceOptions } from './patience.js';

export interface PullerOptions {
  readonly hub: HubOptions;
  /** Largest model that is taken, all files together. */
  readonly maxBytes: number;
  readonly patience?: PatienceOptions | undefined;
  /** Bytes free where a folder lies; the file system's own answer when absent. */
  readonly freeBytes?: ((folder: string) => Promise<number>) | undefined;
}

export interface PullRequest {
  /** Of the catalogue, with a hub source. */
  readonly manifest: ModelManifest;
  /** Where the files go. A pull that ended early left its beginnings here, and the next one goes on with them. */
  readonly folder: string;
  readonly allowNonCommercial: boolean;
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: PullProgress) => void) | undefined;
}

/** Kept free beside the files. */
const DISK_RESERVE_BYTES = 256 * 1024 * 1024;

/** Fetches the files of a catalogued model into a folder, from the one hub that the operator configured. */
export class Puller {
  readonly #hub: Hub;
  readonly #options: PullerOptions;

  constructor(options: PullerOptions) {
    this.#hub = new Hub(options.hub);
    this.#options = options;
  }

  /**
   * All files verified, by path. Throws `permission_denied` for a licence that was not accepted or a hub
   * that refuses, `payload_too_large`, `not_found`, `conflict` when the disk has no room, `upstream_error`
   * for what the hub sends wrongly, and the signal's reason.
   */
  async pull(request: PullRequest): Promise<VersionFiles> {
    const { manifest, folder, signal } = request;
    checkLicence(manifest, request.allowNonCommercial);
    const files = hubFiles(manifest, this.#hub.url);
    await mkdir(folder, { recursive: true });
    const sizes = await this.#sizes(files, signal);
    await this.#checkRoom(files, sizes, folder);
    const meter = new Meter(sizes, request.onProgress);
    const pulled: VersionFiles = {};
    for (const file of files) {
      pulled[file.path] = await this.#fetch(file, request, meter);
    }
    return pulled;
  }

  async #fetch(file: HubFile, { folder, signal }: PullRequest, meter: Meter) {
    const target = join(folder, file.path);
    const present = await verified(target, file);
    if (present !== undefined) {
      meter.has(file.path, present.bytes);
      return present;
    }
    return new Download(this.#hub, file, {
      target,
      signal,
      maxBytes: Math.max(0, this.#options.maxBytes - meter.bytesWithout(file.path)),
      patience: this.#options.patience,
      onBytes: (bytes, total) => meter.at(file.path, bytes, total),
    }).execute();
  }

  /** The manifest's word, or the hub's; some hubs tell a size only with the file. */
  async #sizes(files: readonly HubFile[], signal: AbortSignal): Promise<Map<string, number | undefined>> {
    const sizes = new Map<string, number | undefined>();
    for (const { path, url, bytes } of files) sizes.set(path, bytes ?? (await this.#ask(url, signal)));
    return sizes;
  }

  async #ask(url: URL, signal: AbortSignal): Promise<number | undefined> {
    try {
      const { status, headers, body, linked } = await this.#hub.ask('HEAD', url, {}, signal);
      await body.dump();
      const length = Number(headers['content-length'] ?? Number.NaN);
      return linked.bytes ?? (status === 200 && Number.isSafeInteger(length) ? length : undefined);
    } catch {
      signal.throwIfAborted();
      return undefined; // the download itself will say what is wrong
    }
  }

  async #checkRoom(
    files: readonly HubFile[],
    sizes: ReadonlyMap<string, number | undefined>,
    folder: string,
  ): Promise<void> {
    const { maxBytes, freeBytes = freeBytesAt } = this.#options;
    let total = 0;
    let missing = 0;
    for (const { path } of files) {
      const size = sizes.get(path) ?? 0;
      total += size;
      missing += Math.max(0, size - (await bytesOnDisk(join(folder, path))));
    }
    if (total > maxBytes) {
      throw new DomainError(
        'payload_too_large',
        `The files have ${total} bytes together; at most ${maxBytes} are taken.`,
        { param: 'manifest.files' },
      );
    }
    const free = await freeBytes(folder);
    if (missing + DISK_RESERVE_BYTES <= free) return;
    throw new DomainError(
      'conflict',
      `There is no room: ${missing} bytes are still to come and ${free} are free where they would go.`,
      { retryable: false, details: { missing, free } },
    );
  }
}

/** Adds up what is known of all files, and tells it. */
class Meter {
  readonly #have = new Map<string, number>();
  readonly #pace = new Pace();

  constructor(
    private readonly sizes: Map<string, number | undefined>,
    private readonly tell: ((progress: PullProgress) => void) | undefined,
  ) {}

  /** Was there before. */
  has(file: string, bytes: number): void {
    this.#have.set(file, bytes);
    this.sizes.set(file, bytes);
    this.#pace.skipTo(this.#bytes);
    this.#report(file);
  }

  at(file: string, bytes: number, total: number | undefined): void {
    const isFirst = !this.#have.has(file);
    this.#have.set(file, bytes);
    if (total !== undefined) this.sizes.set(file, total);
    if (isFirst) this.#pace.skipTo(this.#bytes);
    else this.#pace.advance(this.#bytes);
    this.#report(file);
  }

  /** Of the other files, as far as they are known. */
  bytesWithout(file: string): number {
    let sum = 0;
    for (const [path, size] of this.sizes) if (path !== file) sum += size ?? this.#have.get(path) ?? 0;
    return sum;
  }

  get #bytes(): number {
    return [...this.#have.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  #report(file: string): void {
    if (this.tell === undefined) return;
    const bytes = this.#bytes;
    const sizes = [...this.sizes.values()];
    const totalBytes = sizes.includes(undefined)
      ? undefined
      : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
    const etaMs = totalBytes === undefined ? undefined : this.#pace.etaMs(totalBytes - bytes);
    this.tell({ file, bytes, totalBytes, etaMs, bytesPerSecond: this.#pace.bytesPerSecond });
  }
}

/** A file that an earlier pull finished, when it is what the manifest wants; without a checksum it is fetched again. */
async function verified(
  target: string,
  { sha256, bytes }: HubFile,
): Promise<{ sha256: string; bytes: number } | undefined> {
  if (sha256 === undefined) return undefined;
  const size = await sizeAt(target);
  if (size === undefined || (bytes !== undefined && size !== bytes)) return undefined;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(target)) hash.update(chunk as Buffer);
  return hash.digest('hex') === sha256 ? { sha256, bytes: size } : undefined;
}

async function bytesOnDisk(target: string): Promise<number> {
  return (await sizeAt(target)) ?? (await sizeAt(`${target}.part`)) ?? 0;
}

async function sizeAt(path: string): Promise<number | undefined> {
  return stat(path).then(
    (found) => (found.isFile() ? found.size : undefined),
    () => undefined,
  );
}

async function freeBytesAt(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
