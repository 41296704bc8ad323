import { join } from 'node:path';
import type { ModelManifest, VersionFiles } from '@trivium/contracts/model-manifest';
import type { Publish } from './pull-model.js';

/** Of a model registry what a pull needs. */
export interface PublishTarget {
  models(): ReadonlyMap<
    string,
    { readonly versions: Readonly<Record<string, { readonly files: VersionFiles }>> }
  >;
  putModel(manifest: ModelManifest): Promise<unknown>;
  publishVersion(
    model: string,
    version: 'next',
    files: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<string>;
}

interface PublishPulledOptions {
  readonly registry: PublishTarget;
  /** Throws what keeps the version from being loaded. */
  readonly tryLoad?:
    ((folder: string, manifest: ModelManifest, files: VersionFiles) => Promise<void>) | undefined;
  /** Whether models that a program runs can be tried as well; otherwise they are published untried. */
  readonly triesPrograms?: boolean | undefined;
}

/**
 * Makes a version of pulled files. A model that is there keeps its manifest, which somebody may have
 * changed; a version of the very same files is not made twice.
 */
export function publishPulled({ registry, tryLoad, triesPrograms = false }: PublishPulledOptions): Publish {
  return async ({ manifest, folder, files, signal }) => {
    const existing = registry.models().get(manifest.id);
    const same = Object.entries(existing?.versions ?? {}).find(([, version]) => isSame(version.files, files));
    if (same !== undefined) return { version: same[0] };
    if (triesPrograms || manifest.platform !== 'program') await tryLoad?.(folder, manifest, files);
    signal.throwIfAborted();
    if (existing === undefined) await registry.putModel(manifest);
    const local = Object.fromEntries(Object.keys(files).map((path) => [path, join(folder, path)]));
    return { version: await registry.publishVersion(manifest.id, 'next', local, signal) };
  };
}

function isSame(one: VersionFiles, other: VersionFiles): boolean {
  const paths = Object.keys(one);
  return (
    paths.length === Object.keys(other).length &&
    paths.every((path) => one[path]?.sha256 === other[path]?.sha256)
  );
}
