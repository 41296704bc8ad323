import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { createReadStream } from 'node:fs';
import { DomainError } from '@trivium/contracts';
import {
  FilePath,
  type InferenceService,
  type ModelManifest,
  serviceOf,
  type VersionFiles,
} from '@trivium/contracts/model-manifest';
import type { Objects, Records } from '@trivium/messaging';
import { checkManifest } from '@trivium/serving';
import { type BundledPack, readBundled } from './bundled-packs.js';
import { verifyFiles } from './checksums.js';
import { digestOf } from './confined.js';
import { FolderPoll } from './folder-poll.js';
import { collectGarbage } from './garbage.js';
import { type FetchOptions, ModelCache } from './model-cache.js';
import { ModelRecords } from './model-records.js';
import {
  type ModelChange,
  newModel,
  RegisteredModel,
  unknownModel,
  unknownVersion,
  withChange,
  withoutVersion,
  withVersion,
} from './registered-model.js';

export interface RegistryOptions {
  /** Bucket `models`: one record for each model of all services. */
  readonly records: Records;
  /** Bucket `model-files`: files by their SHA-256. */
  readonly objects: Objects;
  /** This host's copies; processes may share it. */
  readonly folder: string;
  readonly service: InferenceService;
  /** Folder of packs that come with the program. */
  readonly bundled?: string | undefined;
  /**
   * `none`: what there is at the start; `explicit`: changes by whoever calls; `poll`: also by whoever edits
   * the folder.
   */
  readonly mode: 'none' | 'explicit' | 'poll';
  readonly pollMs?: number | undefined;
  /** Most that fetched versions may take of the disk, 20 GiB unless told. */
  readonly maxDiskBytes?: number | undefined;
  /** Versions whose files a worker has open, or may open again. */
  readonly isInUse?: ((model: string, version: string) => boolean) | undefined;
  /** A version that somebody put into the folder must pass it before it is published. */
  readonly tryLoad?: TryLoad | undefined;
  /** What goes wrong behind callers' backs; without a model: the repository itself. */
  readonly onTrouble?: ((trouble: { readonly model: string; readonly error: unknown }) => void) | undefined;
  /** Files that no version names are kept so long, for uploads that are about to name them; an hour unless told. */
  readonly graceMs?: number | undefined;
}

/** Throws what keeps the version in this folder from being loaded. */
export type TryLoad = (folder: string, manifest: ModelManifest, files: VersionFiles) => Promise<void>;

/** Files of a version on this machine, by their path inside the version. */
type LocalFiles = Readonly<Record<string, string>>;

const POLL_MS = 15_000;
const MAX_DISK_BYTES = 20 * 1024 ** 3;
const GRACE_MS = 60 * 60_000;
const UPKEEP_MS = 5 * 60_000;

/** The models of one service, as all replicas share them. */
export class ModelRegistry implements AsyncDisposable {
  readonly #options: RegistryOptions;
  readonly #records: ModelRecords;
  readonly #cache: ModelCache;
  readonly #bundled: ReadonlyMap<string, BundledPack>;
  readonly #models = new Map<string, RegisteredModel>();
  readonly #listeners = new Set<(model: string) => void>();
  readonly #closing = new AbortController();
  readonly #tasks: Promise<void>[] = [];

  private constructor(
    options: RegistryOptions,
    cache: ModelCache,
    bundled: ReadonlyMap<string, BundledPack>,
  ) {
    this.#options = options;
    this.#records = new ModelRecords(options.records);
    this.#cache = cache;
    this.#bundled = bundled;
    for (const [id, { model }] of bundled) this.#models.set(id, model);
  }

  /** Resolves when what the repository holds is known. */
  static async open(options: RegistryOptions): Promise<ModelRegistry> {
    const { folder, objects, maxDiskBytes = MAX_DISK_BYTES, isInUse = () => false } = options;
    const cache = new ModelCache({ folder, objects, maxBytes: maxDiskBytes, isInUse });
    await cache.prepare();
    const bundled = await readBundled(options.bundled, options.service, options.onTrouble);
    const registry = new ModelRegistry(options, cache, bundled);
    await registry.#start();
    return registry;
  }

  /** Those of this service, the newest that is known here. */
  models(): ReadonlyMap<string, RegisteredModel> {
    return this.#models;
  }

  /** Told after every change of a model of this service, with its id. */
  onChange(listener: (model: string) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /**
   * The folder with the version's files in it, every one verified; of a bundled pack whose files come with a
   * package, the pack's own. Throws `model_not_found`,
   * `model_not_available` when the repository has lost a file or one that came with the program was changed,
   * `overloaded` when the disk has no room, and the signal's reason.
   */
  async materialise(model: string, version: string, options: FetchOptions = {}): Promise<string> {
    const known = this.#models.get(model) ?? (await this.#records.read(model))?.model;
    if (known === undefined) throw unknownModel(model);
    const found = known.versions[version] ?? (await this.#records.read(model))?.model.versions[version];
    if (found === undefined) throw unknownVersion(model, version);
    const pack = this.#bundled.get(model);
    if (pack !== undefined) {
      if (!pack.ownsFiles) return pack.folder;
      const folder = join(pack.folder, version);
      await verifyFiles(model, folder, found.files, options.signal);
      return folder;
    }
    return this.#cache.bring({ model, version, files: found.files }, options);
  }

  /** Makes the model, or gives it another manifest; its versions stay. */
  async putModel(manifest: ModelManifest): Promise<RegisteredModel> {
    this.#refuseWhenFixed(manifest.id);
    checkManifest(manifest);
    return this.#change(manifest.id, (model) => ({ ...(model ?? newModel(manifest)), manifest }));
  }

  /**
   * Stores the files and then names them, at once: a version is there with all of its files or not at all.
   * Returns its number. Throws `conflict` when the number is taken.
   */
  async publishVersion(
    model: string,
    version: string | 'next',
    files: LocalFiles,
    signal?: AbortSignal,
  ): Promise<string> {
    this.#refuseWhenFixed(model);
    if (Object.keys(files).length === 0) {
      throw new DomainError('invalid_request', 'A version has one file at least.', { param: 'files' });
    }
    for (const path of Object.keys(files)) checkName(path);
    const published: VersionFiles = {};
    for (const [path, local] of Object.entries(files)) published[path] = await this.storeFile(local, signal);
    const number = await this.publishStored(model, version, published);
    // @NOTE a file that only an older version named may have gone with it before this one named it
    for (const [path, { sha256 }] of Object.entries(published)) {
      const local = files[path];
      if (local === undefined || (await this.#options.objects.info(sha256)) !== undefined) continue;
      await this.storeFile(local, signal);
    }
    return number;
  }

  /** A number that no version of the model has or had, for this caller alone. */
  async reserveVersion(model: string): Promise<string> {
    this.#refuseWhenFixed(model);
    const { lastVersion } = await this.#change(model, (found) => {
      if (found === undefined) throw unknownModel(model);
      return { ...found, lastVersion: found.lastVersion + 1 };
    });
    return String(lastVersion);
  }

  /** The versions that are gone. */
  async remove(model: string, version?: string): Promise<readonly string[]> {
    this.#refuseWhenFixed(model);
    let gone: readonly string[] = [];
    await this.#change(model, (found) => {
      if (found === undefined) throw unknownModel(model);
      gone = version === undefined ? Object.keys(found.versions) : [version];
      return version === undefined ? undefined : withoutVersion(found, version);
    });
    return gone;
  }

  async update(model: string, change: ModelChange): Promise<RegisteredModel> {
    this.#refuseWhenFixed(model);
    return this.#change(model, (found) => {
      if (found === undefined) throw unknownModel(model);
      return withChange(found, change);
    });
  }

  /** Removes files that no version of any service names any more; returns how many. */
  collectGarbage(): Promise<number> {
    const { records, objects, graceMs = GRACE_MS } = this.#options;
    return collectGarbage(records, objects, graceMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#tasks);
    await this.#cache.leave();
  }

  /** Names files that {@link storeFile} has stored within the grace time. */
  async publishStored(model: string, version: string | 'next', files: VersionFiles): Promise<string> {
    this.#refuseWhenFixed(model);
    let number = version;
    await this.#change(model, (found) => {
      if (found === undefined) throw unknownModel(model);
      const added = withVersion(found, version, { files, createdAt: Date.now() });
      number = added.number;
      return added.model;
    });
    return number;
  }

  /** Into the repository under its digest, unless it is there; what no version names is swept away in time. */
  async storeFile(
    path: string,
    signal?: AbortSignal,
  ): Promise<{ readonly sha256: string; readonly bytes: number }> {
    const { objects, graceMs = GRACE_MS } = this.#options;
    const digest = await digestOf(path);
    const found = await objects.info(digest.sha256);
    // @NOTE an old one that nobody names may be about to be swept: stored anew, it is young
    const isSafe =
      found?.bytes === digest.bytes &&
      (this.#names(digest.sha256) || Date.now() - found.storedAt < graceMs / 2);
    if (!isSafe) await objects.put(digest.sha256, createReadStream(path), { sha256: digest.sha256, signal });
    return digest;
  }

  #names(sha256: string): boolean {
    for (const { versions } of this.#models.values()) {
      for (const { files } of Object.values(versions)) {
        if (Object.values(files).some((file) => file.sha256 === sha256)) return true;
      }
    }
    return false;
  }

  async #start(): Promise<void> {
    const { mode, folder, service, tryLoad, pollMs = POLL_MS } = this.#options;
    const ready = Promise.withResolvers<void>();
    const poll = new FolderPoll({
      folder,
      service,
      registry: {
        model: async (id) => (await this.#records.read(id))?.model,
        putModel: (manifest) =>
          this.#change(manifest.id, (found) => ({ ...(found ?? newModel(manifest)), manifest })),
        storeFile: (path) => this.storeFile(path),
        putVersion: (id, version, files) => this.#replaceVersion(id, version, files),
        removeVersion: (id, version) => this.#change(id, (found) => found && withoutVersion(found, version)),
        removeModel: (id) => this.#change(id, () => undefined),
      },
      tryLoad,
      onTrouble: (trouble) => this.#options.onTrouble?.(trouble),
    });
    if (mode !== 'explicit') await poll.scan();
    // @NOTE no later scan will say what is broken
    if (mode === 'none') await poll.scan();
    this.#tasks.push(this.#repeat(UPKEEP_MS, () => this.#upkeep()));
    if (mode === 'none') return this.#readAll();
    this.#tasks.push(this.#follow(ready.resolve));
    await ready.promise;
    if (mode === 'poll') this.#tasks.push(this.#repeat(pollMs, () => poll.scan()));
  }

  async #readAll(): Promise<void> {
    for (const { key, value } of await this.#options.records.list()) this.#learn(key, value);
  }

  async #follow(ready: () => void): Promise<void> {
    const { signal } = this.#closing;
    for await (const change of this.#options.records.watch({ signal })) {
      if (change.kind === 'current') ready();
      else if (change.kind === 'value') this.#learn(change.key, change.value);
      else this.#forget(change.key);
    }
    ready();
  }

  /** A record that this version of the program cannot read leaves the model as it was. */
  #learn(id: string, value: unknown): void {
    if (this.#bundled.has(id)) return;
    const parsed = RegisteredModel.safeParse(value);
    if (!parsed.success) return this.#options.onTrouble?.({ model: id, error: parsed.error });
    if (serviceOf(parsed.data.manifest) !== this.#options.service) return this.#forget(id);
    this.#models.set(id, parsed.data);
    this.#tell(id);
  }

  #forget(id: string): void {
    if (this.#bundled.has(id) || !this.#models.delete(id)) return;
    this.#tell(id);
  }

  #tell(id: string): void {
    for (const listener of this.#listeners) listener(id);
  }

  async #replaceVersion(id: string, version: string, files: VersionFiles): Promise<void> {
    await this.#change(id, (found) => {
      if (found === undefined) throw unknownModel(id);
      const others = Object.fromEntries(Object.entries(found.versions).filter(([name]) => name !== version));
      return withVersion({ ...found, versions: others }, version, { files, createdAt: Date.now() }).model;
    });
  }

  /** What this replica did, it knows before the watch tells it. */
  async #change<Next extends RegisteredModel | undefined>(
    id: string,
    decide: (model: RegisteredModel | undefined) => Next,
  ): Promise<Next> {
    const next = await this.#records.change(id, decide);
    if (next === undefined) this.#forget(id);
    else this.#learn(id, next);
    return next;
  }

  #refuseWhenFixed(model: string): void {
    if (this.#bundled.has(model)) {
      throw new DomainError('conflict', `${model} comes with the program and is not changed here.`, {
        param: 'model',
        retryable: false,
      });
    }
    if (this.#options.mode === 'none') {
      throw new DomainError('conflict', 'The models are those of the start: MODELS_CONTROL is none.', {
        retryable: false,
      });
    }
  }

  async #upkeep(): Promise<void> {
    await this.#cache.tell();
    await this.collectGarbage();
  }

  /** Until the registry is closed; whatever goes wrong is told, and the next turn comes. */
  async #repeat(everyMs: number, work: () => Promise<unknown>): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      await delay(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      try {
        await work();
      } catch (error) {
        this.#options.onTrouble?.({ model: '', error });
      }
    }
  }
}

function checkName(path: string): void {
  if (FilePath.safeParse(path).success) return;
  throw new DomainError('invalid_request', `${path} is no name for a model's file.`, {
    param: `files.${path}`,
  });
}
