import { randomUUID } from 'node:crypto';
import { readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '@trivium/contracts';
import {
  type InferenceService,
  ModelId,
  type ModelManifest,
  ModelVersion,
  serviceOf,
  type VersionFiles,
} from '@trivium/contracts/model-manifest';
import { parseManifest } from '@trivium/serving';
import { z } from 'zod';
import { confined, digestBelow, filesBelow } from './confined.js';
import { isFetched } from './model-cache.js';
import type { TryLoad } from './model-registry.js';
import type { RegisteredModel } from './registered-model.js';

interface PolledRegistry {
  model(id: string): Promise<RegisteredModel | undefined>;
  putModel(manifest: ModelManifest): Promise<unknown>;
  storeFile(path: string): Promise<unknown>;
  putVersion(id: string, version: string, files: VersionFiles): Promise<unknown>;
  removeVersion(id: string, version: string): Promise<unknown>;
  removeModel(id: string): Promise<unknown>;
}

interface PollOptions {
  readonly folder: string;
  readonly service: InferenceService;
  readonly registry: PolledRegistry;
  readonly tryLoad: TryLoad | undefined;
  readonly onTrouble: (trouble: { readonly model: string; readonly error: unknown }) => void;
}

/** What this folder has published, so that what is taken out of it later is known, also after a restart. */
const Published = z.record(
  z.string(),
  z.object({
    manifest: z.string(),
    /** Signature of each version's files: names, sizes, times. */
    versions: z.record(z.string(), z.string()),
  }),
);
type Published = z.output<typeof Published>;

const STATE = '.published.json';
const MAX_MANIFEST_BYTES = 256 * 1024;
const SCANS_OF_A_FAULT = 2;

/**
 * Publishes what somebody puts into the folder, `<id>/model.yaml` and `<id>/<version>/<file>`, and withdraws
 * what is taken out. What is broken is told, and leaves what was published before as it is.
 */
export class FolderPoll {
  readonly #options: PollOptions;
  #published: Published | undefined;
  /** Faults by place, and in how many scans on end. */
  readonly #faults = new Map<string, { readonly fault: string; readonly scans: number }>();

  constructor(options: PollOptions) {
    this.#options = options;
  }

  async scan(): Promise<void> {
    const { folder } = this.#options;
    this.#published ??= await readPublished(join(folder, STATE));
    const before = JSON.stringify(this.#published);
    const seen = new Set<string>();
    for (const { name } of await readdir(folder, { withFileTypes: true })) {
      if (!ModelId.safeParse(name).success || !(await exists(join(folder, name, 'model.yaml')))) continue;
      seen.add(name);
      await this.#guard(name, name, () => this.#scanModel(name));
    }
    for (const id of Object.keys(this.#published)) {
      if (!seen.has(id)) await this.#guard(id, id, () => this.#withdrawModel(id));
    }
    if (JSON.stringify(this.#published) !== before) await this.#remember();
  }

  async #scanModel(id: string): Promise<void> {
    const { folder, registry, service } = this.#options;
    const text = await readManifestText(join(folder, id));
    const manifest = parseManifest(text);
    if (manifest.id !== id) {
      throw new DomainError('invalid_request', `The model in the folder ${id} calls itself ${manifest.id}.`, {
        param: 'id',
      });
    }
    if (serviceOf(manifest) !== service) return;
    const known = this.#published?.[id];
    if (known?.manifest !== text || (await registry.model(id)) === undefined)
      await registry.putModel(manifest);
    const versions = new Map(Object.entries(known?.versions ?? {}));
    const seen = new Set<string>();
    for (const version of await readdir(join(folder, id))) {
      if (!ModelVersion.safeParse(version).success) continue;
      if (await isFetched(join(folder, id, version))) continue;
      seen.add(version);
      await this.#guard(`${id}/${version}`, id, () => this.#scanVersion(manifest, version, versions));
    }
    for (const version of [...versions.keys()]) {
      if (seen.has(version)) continue;
      if ((await registry.model(id))?.versions[version] !== undefined)
        await registry.removeVersion(id, version);
      versions.delete(version);
    }
    this.#keep(id, { manifest: text, versions: Object.fromEntries(versions) });
  }

  async #scanVersion(
    manifest: ModelManifest,
    version: string,
    published: Map<string, string>,
  ): Promise<void> {
    const { folder, registry, tryLoad } = this.#options;
    const model = join(folder, manifest.id);
    const place = join(model, version);
    const signature = await signatureOf(place, model);
    if (published.get(version) === signature) return;
    const files = await digestBelow(place, model);
    if (Object.keys(files).length === 0) return; // its maker has only begun
    // @NOTE while it is being copied there it changes under our hands; the next scan finds it whole
    if ((await signatureOf(place, model)) !== signature) return;
    checkPromises(manifest, files);
    await tryLoad?.(place, manifest, files);
    for (const path of Object.keys(files)) await registry.storeFile(join(place, path));
    await registry.putVersion(manifest.id, version, files);
    published.set(version, signature);
  }

  async #withdrawModel(id: string): Promise<void> {
    const { registry } = this.#options;
    if ((await registry.model(id)) !== undefined) await registry.removeModel(id);
    const { [id]: _gone, ...rest } = this.#published ?? {};
    this.#published = rest;
  }

  #keep(id: string, published: Published[string]): void {
    this.#published = { ...this.#published, [id]: published };
  }

  async #guard(place: string, model: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#faults.delete(place);
    } catch (error) {
      const fault = String(error);
      const before = this.#faults.get(place);
      const scans = before?.fault === fault ? before.scans + 1 : 1;
      this.#faults.set(place, { fault, scans });
      // @NOTE told once, and not of a file that is being written or removed at this moment
      if (scans === SCANS_OF_A_FAULT) this.#options.onTrouble({ model, error });
    }
  }

  async #remember(): Promise<void> {
    const path = join(this.#options.folder, STATE);
    const incoming = `${path}.${randomUUID()}`;
    await writeFile(incoming, JSON.stringify(this.#published));
    await rename(incoming, path);
  }
}

/** Files that the manifest has checksums for must have them. */
function checkPromises(manifest: ModelManifest, files: VersionFiles): void {
  for (const { path, sha256 } of Object.values(manifest.files)) {
    const found = files[path];
    if (sha256 === undefined || found === undefined || found.sha256 === sha256) continue;
    throw new DomainError('invalid_request', `${path} has not the SHA-256 that model.yaml promises.`, {
      param: `files.${path}.sha256`,
    });
  }
}

async function signatureOf(folder: string, model: string): Promise<string> {
  const lines: string[] = [];
  for (const path of await filesBelow(folder, model)) {
    const { size, mtimeMs, ino } = await stat(join(folder, path));
    lines.push(`${path} ${size} ${mtimeMs} ${ino}`);
  }
  return lines.join('\n');
}

async function readManifestText(folder: string): Promise<string> {
  const path = await confined(folder, 'model.yaml');
  const { size } = await stat(path);
  if (size > MAX_MANIFEST_BYTES) throw new DomainError('invalid_request', 'model.yaml is too large.');
  return readFile(path, 'utf8');
}

async function readPublished(path: string): Promise<Published> {
  try {
    return Published.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return {}; // the first scan, or cut short: everything is looked at anew
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
