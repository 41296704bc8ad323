import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DomainError } from '@trivium/contracts';
import type { Upload } from '@trivium/contracts/inference';
import { ModelId, type ModelManifest, ModelVersion, VersionFiles } from '@trivium/contracts/model-manifest';
import type { Objects, Records } from '@trivium/messaging';
import { z } from 'zod';
import type { TryLoad } from '../registry/model-registry.js';
import { type RegisteredModel, unknownModel } from '../registry/registered-model.js';
import { checkFiles } from './upload-files.js';
import { missingParts, PART_BYTES, partsOf, sizeOfPart, truncated } from './upload-parts.js';

/** What uploads need of the registry. */
interface UploadTarget {
  models(): ReadonlyMap<string, RegisteredModel>;
  /** A number that no version has or had, for this caller alone. */
  reserveVersion(model: string): Promise<string>;
  publishVersion(
    model: string,
    version: string,
    files: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<string>;
}

export interface UploadsOptions {
  /** Bucket `uploads`, whose records end after a day. */
  readonly records: Records;
  /** Bucket `upload-parts`, the same. */
  readonly parts: Objects;
  readonly registry: UploadTarget;
  /** Where files are put together before they are tried. */
  readonly folder: string;
  /** Largest version, all files together. */
  readonly maxBytes: number;
  /** What it throws refuses the version. */
  readonly tryLoad: TryLoad;
}

export const UPLOAD_TTL_MS = 24 * 60 * 60_000;

const UploadState = z.object({
  model: ModelId,
  version: ModelVersion,
  files: VersionFiles,
  expiresAt: z.int(),
});
type UploadState = z.output<typeof UploadState>;
const PartState = z.object({ path: z.string(), index: z.int(), sha256: z.string() });
type PartState = z.output<typeof PartState>;

/**
 * Versions that arrive in parts, through any replica and in any order. Nothing of one is seen before
 * {@link complete} has verified all of it.
 */
export class Uploads {
  readonly #options: UploadsOptions;

  constructor(options: UploadsOptions) {
    this.#options = options;
  }

  /** Without a version: the next one. Throws `model_not_found`, `conflict` and `payload_too_large`. */
  async open(request: {
    readonly model: string;
    readonly version?: string | undefined;
    readonly files: VersionFiles;
  }): Promise<Upload> {
    const { registry, records } = this.#options;
    const files = checkFiles(request.files, this.#options.maxBytes);
    const model = this.#modelOf(request.model);
    if (request.version !== undefined && model.versions[request.version] !== undefined) {
      throw new DomainError('conflict', `${request.model} has a version ${request.version} already.`, {
        param: 'version',
        retryable: false,
      });
    }
    const version = request.version ?? (await registry.reserveVersion(request.model));
    const uploadId = randomUUID();
    const state: UploadState = {
      model: request.model,
      version,
      files,
      expiresAt: Date.now() + UPLOAD_TTL_MS,
    };
    await records.put(uploadId, state, 0);
    return describe(uploadId, state, []);
  }

  /** Which parts have arrived, for a client that goes on where it was cut off. */
  async get(uploadId: string): Promise<Upload> {
    const state = await this.#read(uploadId);
    return describe(uploadId, state, await this.#received(uploadId));
  }

  /** The same part again changes nothing; other bytes in its place are a `conflict`. */
  async putPart(part: {
    readonly uploadId: string;
    readonly path: string;
    readonly index: number;
    readonly data: Uint8Array;
    readonly signal?: AbortSignal | undefined;
  }): Promise<{ readonly received: number; readonly expected: number }> {
    const { uploadId, path, index, data, signal } = part;
    const { records, parts } = this.#options;
    const { files } = await this.#read(uploadId);
    const size = sizeOfPart(files, path, index);
    if (data.byteLength !== size) {
      throw new DomainError(
        'invalid_request',
        `data: part ${index} of ${path} has ${size} bytes; ${data.byteLength} came.`,
        { param: 'data', details: { expected: size, found: data.byteLength } },
      );
    }
    const state: PartState = { path, index, sha256: createHash('sha256').update(data).digest('hex') };
    const key = `${uploadId}/${path}/${index}`;
    const before = await records.get(key);
    if (before === undefined) {
      // @NOTE under its digest: two writers of one part with different bytes must not mix
      await parts.put(partName(uploadId, state), data, { sha256: state.sha256, signal });
      await records.put(key, state, 0).catch(async (error: unknown) => {
        if (!DomainError.is(error) || error.code !== 'conflict') throw error;
        sameOrConflict(await records.get(key), state);
      });
    } else sameOrConflict(before, state);
    return {
      received: (await this.#received(uploadId)).length,
      expected: Object.values(files).reduce((sum, { bytes }) => sum + partsOf(bytes), 0),
    };
  }

  /**
   * Puts the files together, verifies them, loads them once, and publishes the version; its number. Until
   * then nothing has changed for anybody. Throws `invalid_request` that lists missing parts or names the file
   * whose digest is wrong, `model_not_available` for a version that does not load, `conflict` when another
   * upload published the number first.
   */
  async complete(
    uploadId: string,
    signal?: AbortSignal,
  ): Promise<{ readonly model: string; readonly version: string }> {
    const { registry, tryLoad } = this.#options;
    const { model, version, files } = await this.#read(uploadId);
    const { manifest } = this.#modelOf(model);
    const parts = await this.#received(uploadId);
    const missing = missingParts(files, receivedOf(parts));
    if (Object.keys(missing).length > 0) throw truncated(missing);
    const folder = join(this.#options.folder, '.incoming', `upload-${randomUUID()}`);
    try {
      for (const [path, file] of Object.entries(files)) {
        await this.#assemble(uploadId, parts, { folder, path, ...file }, signal);
      }
      await refuseUnlessLoads(tryLoad, folder, manifest, files);
      const local = Object.fromEntries(Object.keys(files).map((path) => [path, join(folder, path)]));
      await registry.publishVersion(model, version, local, signal);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    await this.#discard(uploadId, parts);
    return { model, version };
  }

  /** Whether there was one. */
  async cancel(uploadId: string): Promise<boolean> {
    if (!isUploadId(uploadId) || (await this.#options.records.get(uploadId)) === undefined) return false;
    await this.#discard(uploadId, await this.#received(uploadId));
    return true;
  }

  #modelOf(id: string): RegisteredModel {
    const model = this.#options.registry.models().get(id);
    if (model === undefined) throw unknownModel(id);
    return model;
  }

  async #read(uploadId: string): Promise<UploadState> {
    const found = isUploadId(uploadId) ? await this.#options.records.get(uploadId) : undefined;
    if (found === undefined) {
      throw new DomainError('not_found', 'There is no such upload, or not any more.', { param: 'uploadId' });
    }
    return UploadState.parse(found.value);
  }

  async #received(uploadId: string): Promise<readonly PartState[]> {
    const found = await this.#options.records.list(`${uploadId}/`);
    return found.map(({ value }) => PartState.parse(value));
  }

  async #assemble(
    uploadId: string,
    parts: readonly PartState[],
    file: { readonly folder: string; readonly path: string; readonly sha256: string },
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const target = join(file.folder, file.path);
    await mkdir(dirname(target), { recursive: true });
    const hash = createHash('sha256');
    const own = parts
      .filter(({ path }) => path === file.path)
      .toSorted((left, right) => left.index - right.index);
    const handle = await open(target, 'wx');
    try {
      for (const part of own) {
        for await (const chunk of this.#options.parts.get(partName(uploadId, part), { signal })) {
          hash.update(chunk);
          await handle.writeFile(chunk);
        }
      }
    } finally {
      await handle.close();
    }
    const found = hash.digest('hex');
    if (found === file.sha256) return;
    throw new DomainError(
      'invalid_request',
      `files.${file.path}.sha256: the bytes that came have SHA-256 ${found}, not ${file.sha256}.`,
      { param: `files.${file.path}.sha256`, details: { expected: file.sha256, found } },
    );
  }

  /** The upload first: parts without one are found by nobody and end by themselves. */
  async #discard(uploadId: string, parts: readonly PartState[]): Promise<void> {
    const { records, parts: objects } = this.#options;
    await records.delete(uploadId);
    for (const part of parts) {
      await records.delete(`${uploadId}/${part.path}/${part.index}`);
      await objects.delete(partName(uploadId, part));
    }
  }
}

async function refuseUnlessLoads(
  tryLoad: TryLoad,
  folder: string,
  manifest: ModelManifest,
  files: VersionFiles,
): Promise<void> {
  try {
    await tryLoad(folder, manifest, files);
  } catch (error) {
    if (DomainError.is(error)) throw error;
    throw new DomainError('model_not_available', 'The version does not load.', {
      param: 'files',
      cause: error,
    });
  }
}

function describe(
  uploadId: string,
  { model, version, files, expiresAt }: UploadState,
  parts: readonly PartState[],
): Upload {
  return { uploadId, model, version, files, partBytes: PART_BYTES, received: receivedOf(parts), expiresAt };
}

function receivedOf(parts: readonly PartState[]): Record<string, number[]> {
  const received: Record<string, number[]> = {};
  for (const { path, index } of parts) (received[path] ??= []).push(index);
  for (const indexes of Object.values(received)) indexes.sort((left, right) => left - right);
  return received;
}

function sameOrConflict(found: { readonly value: unknown } | undefined, state: PartState): void {
  if (PartState.parse(found?.value).sha256 === state.sha256) return;
  throw new DomainError('conflict', `Part ${state.index} of ${state.path} came before, with other bytes.`, {
    param: 'data',
    retryable: false,
  });
}

function partName(uploadId: string, { path, index, sha256 }: PartState): string {
  return `${uploadId}/${path}/${index}/${sha256}`;
}

function isUploadId(value: string): boolean {
  return z.uuid().safeParse(value).success;
}
