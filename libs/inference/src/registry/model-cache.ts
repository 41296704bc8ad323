import { randomUUID } from 'node:crypto';
import {
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  stat,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '@trivium/contracts';
import { FilePath, ModelId, ModelVersion, type VersionFiles } from '@trivium/contracts/model-manifest';
import type { Objects } from '@trivium/messaging';
import { digestOf, isInside } from './confined.js';
import { isVerified, place } from './version-folder.js';

interface CacheOptions {
  readonly folder: string;
  readonly objects: Objects;
  /** Most that versions fetched from the shared repository may take. */
  readonly maxBytes: number;
  readonly isInUse: (model: string, version: string) => boolean;
}

interface Wanted {
  readonly model: string;
  readonly version: string;
  readonly files: VersionFiles;
}

export interface FetchOptions {
  /** Of the bytes, 0 to 1. */
  readonly progress?: ((share: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** In the folder of a version that came from the shared repository; its time is that of the last use. */
const MARK = '.fetched';
/** One for each process that uses the version; its time is when that process last said so. */
const USED = '.used-';
const INCOMING = '.incoming';
/** A process that has not said for so long that it uses a version is gone. */
const SILENT_MS = 15 * 60_000;
/** What a process that died left behind. */
const ABANDONED_MS = 24 * 60 * 60_000;

interface CachedVersion {
  readonly model: string;
  readonly version: string;
  readonly bytes: number;
  readonly usedAt: number;
}

/**
 * Versions of models on this host's disk: `<model>/<version>/<file>`. Files appear by rename when they are
 * whole and verified, so processes may share the folder without locks.
 */
export class ModelCache {
  readonly #options: CacheOptions;
  readonly #used = `${USED}${randomUUID()}`;
  /** Versions that are being fetched, and what they will take. */
  readonly #arriving = new Map<string, Pick<CachedVersion, 'model' | 'version' | 'bytes'>>();

  constructor(options: CacheOptions) {
    this.#options = options;
  }

  async prepare(): Promise<void> {
    const incoming = join(this.#options.folder, INCOMING);
    await mkdir(incoming, { recursive: true });
    for (const name of await readdir(incoming)) {
      const path = join(incoming, name);
      const facts = await stat(path).catch(() => undefined);
      if (facts && Date.now() - facts.mtimeMs > ABANDONED_MS)
        await rm(path, { recursive: true, force: true });
    }
  }

  /** The folder with exactly these bytes in it: what is there is verified, what is missing or wrong is fetched. */
  async bring(wanted: Wanted, options: FetchOptions = {}): Promise<string> {
    const folder = await this.#folderOf(wanted);
    const total = Math.max(1, bytesOf(wanted.files));
    let done = 0;
    const advance = (bytes: number): void => {
      done += bytes;
      options.progress?.(Math.min(1, done / total));
    };
    const missing: VersionFiles = {};
    for (const [path, file] of Object.entries(wanted.files)) {
      FilePath.parse(path);
      options.signal?.throwIfAborted();
      if (await isVerified(folder, join(this.#options.folder, wanted.model), path, file)) advance(file.bytes);
      else missing[path] = file;
    }
    if (Object.keys(missing).length > 0) await this.#fetchAll(folder, wanted, missing, advance, options);
    await this.#use(folder);
    return folder;
  }

  /** Says to the other processes of this host what this one uses; to be repeated well within 15 minutes. */
  async tell(): Promise<void> {
    for (const { model, version } of await this.#cached()) {
      const folder = join(this.#options.folder, model, version);
      const isUsed = this.#options.isInUse(model, version) || this.#arriving.has(`${model}/${version}`);
      if (isUsed) await this.#use(folder);
      else await rm(join(folder, this.#used), { force: true });
    }
  }

  /** Says that this process uses nothing any more. */
  async leave(): Promise<void> {
    for (const { model, version } of await this.#cached()) {
      await rm(join(this.#options.folder, model, version, this.#used), { force: true });
    }
  }

  /** Removes a fetched version; one that was put there by hand stays. */
  async forget(model: string, version: string): Promise<void> {
    const folder = join(this.#options.folder, model, version);
    if (!(await isFetched(folder))) return;
    // @NOTE by one rename: whoever looks finds all of it or nothing
    const grave = join(this.#options.folder, INCOMING, randomUUID());
    await rename(folder, grave).catch(() => undefined);
    await rm(grave, { recursive: true, force: true });
  }

  async #fetchAll(
    folder: string,
    wanted: Wanted,
    missing: VersionFiles,
    advance: (bytes: number) => void,
    options: FetchOptions,
  ): Promise<void> {
    const key = `${wanted.model}/${wanted.version}`;
    this.#arriving.set(key, { ...wanted, bytes: bytesOf(wanted.files) });
    try {
      await this.#makeRoom();
      await this.#markFetched(folder, wanted.files);
      for (const [path, file] of Object.entries(missing)) {
        // @NOTE storing a file anew takes the old one from under a reader; the second time it is there
        await this.#fetch(folder, path, file, advance, options.signal).catch((error: unknown) => {
          if (!DomainError.is(error) || error.code !== 'model_not_available') throw error;
          return this.#fetch(folder, path, file, advance, options.signal);
        });
      }
    } finally {
      this.#arriving.delete(key);
    }
  }

  /** Before the first byte, so that a fetch that is broken off is counted; a folder made by hand stays its maker's. */
  async #markFetched(folder: string, files: VersionFiles): Promise<void> {
    const isEmpty = (await readdir(folder)).every((name) => name.startsWith('.'));
    if (isEmpty || (await isFetched(folder))) await writeFile(join(folder, MARK), JSON.stringify(files));
    await this.#use(folder);
  }

  async #fetch(
    folder: string,
    path: string,
    file: VersionFiles[string],
    advance: (bytes: number) => void,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const incoming = join(this.#options.folder, INCOMING, randomUUID());
    const handle = await open(incoming, 'wx');
    try {
      try {
        for await (const chunk of this.#options.objects.get(file.sha256, { signal })) {
          await handle.writeFile(chunk);
          advance(chunk.length);
        }
        await handle.sync();
      } finally {
        await handle.close();
      }
      // @NOTE the store answers for the bytes under a name, not for the name
      const found = await digestOf(incoming);
      if (found.sha256 !== file.sha256 || found.bytes !== file.bytes) {
        throw new DomainError('internal', `${path} is not what the repository promises.`, { param: path });
      }
      await place(incoming, folder, path);
    } catch (error) {
      await rm(incoming, { force: true });
      if (DomainError.is(error) && error.code === 'not_found') {
        throw new DomainError('model_not_available', `The repository has lost the bytes of ${path}.`, {
          cause: error,
        });
      }
      throw error;
    }
  }

  /** Least recently used first, until what is coming fits. */
  async #makeRoom(): Promise<void> {
    const { maxBytes, isInUse } = this.#options;
    const cached = (await this.#cached()).filter(
      ({ model, version }) => !this.#arriving.has(`${model}/${version}`),
    );
    let total = [...cached, ...this.#arriving.values()].reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { model, version, bytes } of cached.toSorted((left, right) => left.usedAt - right.usedAt)) {
      if (total <= maxBytes) return;
      if (isInUse(model, version) || (await this.#isUsedElsewhere(model, version))) continue;
      await this.forget(model, version);
      total -= bytes;
    }
    if (total <= maxBytes) return;
    throw new DomainError(
      'overloaded',
      `There is no room on disk beside the models in use: ${maxBytes} bytes are allowed.`,
      { retryAfterMs: 60_000, details: { needed: total, limit: maxBytes } },
    );
  }

  async #isUsedElsewhere(model: string, version: string): Promise<boolean> {
    const folder = join(this.#options.folder, model, version);
    for (const name of await readdir(folder).catch(() => [])) {
      if (!name.startsWith(USED) || name === this.#used) continue;
      const facts = await stat(join(folder, name)).catch(() => undefined);
      if (facts !== undefined && Date.now() - facts.mtimeMs < SILENT_MS) return true;
    }
    return false;
  }

  async #cached(): Promise<CachedVersion[]> {
    const versions: CachedVersion[] = [];
    const { folder } = this.#options;
    for (const model of await readdir(folder).catch(() => [])) {
      if (!ModelId.safeParse(model).success) continue;
      for (const version of await readdir(join(folder, model)).catch(() => [])) {
        if (!ModelVersion.safeParse(version).success) continue;
        const mark = join(folder, model, version, MARK);
        const facts = await stat(mark).catch(() => undefined);
        if (facts === undefined) continue;
        const bytes = await promisedBytes(mark);
        versions.push({ model, version, bytes, usedAt: facts.mtimeMs });
      }
    }
    return versions;
  }

  /** Made when it is not there; refused when it is a link to somewhere else. */
  async #folderOf({ model, version }: Wanted): Promise<string> {
    const root = this.#options.folder;
    const folder = join(root, ModelId.parse(model), ModelVersion.parse(version));
    await mkdir(folder, { recursive: true });
    if (!isInside(await realpath(root), await realpath(folder))) {
      throw new DomainError('invalid_request', `The folder of ${model} version ${version} is a link.`);
    }
    return folder;
  }

  async #use(folder: string): Promise<void> {
    const now = new Date();
    await utimes(join(folder, MARK), now, now).catch(() => undefined);
    await writeFile(join(folder, this.#used), '').catch(() => undefined);
  }
}

function bytesOf(files: VersionFiles): number {
  return Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0);
}

export async function isFetched(folder: string): Promise<boolean> {
  return lstat(join(folder, MARK)).then(
    () => true,
    () => false,
  );
}

async function promisedBytes(mark: string): Promise<number> {
  try {
    return bytesOf(JSON.parse(await readFile(mark, 'utf8')) as VersionFiles);
  } catch {
    return 0; // being written by another process
  }
}
