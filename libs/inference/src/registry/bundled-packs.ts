import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '@trivium/contracts';
import {
  type InferenceService,
  type ModelManifest,
  ModelVersion,
  serviceOf,
  type VersionFiles,
} from '@trivium/contracts/model-manifest';
import { parseManifest } from '@trivium/serving';
import { readChecksums } from './checksums.js';
import { confined } from './confined.js';
import { newModel, type RegisteredModel } from './registered-model.js';

export interface BundledPack {
  readonly model: RegisteredModel;
  readonly folder: string;
  /** Versions are folders in it, each with its checksums; otherwise the files are where the manifest's source says. */
  readonly ownsFiles: boolean;
}

type OnTrouble = ((trouble: { readonly model: string; readonly error: unknown }) => void) | undefined;

/** Packs of this service in a folder that nobody changes while the program runs. A broken one is told and left out. */
export async function readBundled(
  folder: string | undefined,
  service: InferenceService,
  onTrouble: OnTrouble,
): Promise<ReadonlyMap<string, BundledPack>> {
  const packs = new Map<string, BundledPack>();
  if (folder === undefined) return packs;
  for (const { name } of await readdir(folder, { withFileTypes: true })) {
    const pack = join(folder, name);
    if (!(await isFile(join(pack, 'model.yaml')))) continue;
    try {
      const manifest = parseManifest(await readFile(await confined(pack, 'model.yaml'), 'utf8'));
      if (serviceOf(manifest) === service) packs.set(manifest.id, await read(pack, manifest));
    } catch (error) {
      onTrouble?.({ model: name, error });
    }
  }
  return packs;
}

async function read(folder: string, manifest: ModelManifest): Promise<BundledPack> {
  const versions: Record<string, { files: VersionFiles; createdAt: number }> = {};
  for (const name of await readdir(folder)) {
    if (!ModelVersion.safeParse(name).success) continue;
    const version = join(folder, name);
    const { mtimeMs } = await stat(version);
    versions[name] = { files: await readChecksums(version), createdAt: Math.floor(mtimeMs) };
  }
  const ownsFiles = Object.keys(versions).length > 0;
  if (!ownsFiles) {
    if (needsFiles(manifest)) {
      throw new DomainError('invalid_request', `${manifest.id} comes with no version's files.`, {
        param: 'files',
      });
    }
    versions['1'] = { files: filesOf(manifest), createdAt: 0 };
  }
  const lastVersion = Math.max(...Object.keys(versions).map(Number));
  return { model: { ...newModel(manifest), versions, lastVersion, bundled: true }, folder, ownsFiles };
}

/** Files of a package lie with the package; ensembles and models of another server have none. */
function needsFiles({ source, platform, instance_group: groups }: ModelManifest): boolean {
  if (source?.kind === 'package' || platform === 'ensemble') return false;
  return groups.some(({ kind }) => kind !== 'KIND_REMOTE');
}

function filesOf({ files }: ModelManifest): VersionFiles {
  return Object.fromEntries(
    Object.values(files).flatMap(({ path, sha256, bytes }) =>
      sha256 === undefined || bytes === undefined ? [] : [[path, { sha256, bytes }]],
    ),
  );
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (facts) => facts.isFile(),
    () => false,
  );
}
