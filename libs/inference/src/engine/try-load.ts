import { join } from 'node:path';
import { DomainError } from '@trivium/contracts';
import {
  type ModelManifest,
  Variant,
  variantFile,
  type VersionFiles,
} from '@trivium/contracts/model-manifest';
import { openTensorModel } from '@trivium/onnx';
import type { ProgramFiles } from './program-lifecycle.js';

/** Loads a version that a program of the service would run, and lets it go again. Throws why it cannot be served. */
export type TryProgram = (program: ProgramFiles) => Promise<void>;

/**
 * Loads every variant of a version once, in a worker of its own, and lets it go again. Throws what keeps one of
 * them from being served. Where the model runs on a device that this replica lacks, its processor is tried.
 */
export function tryLoad(service: string, tryProgram: TryProgram | undefined) {
  return async (folder: string, manifest: ModelManifest, files: VersionFiles): Promise<void> => {
    if (manifest.platform === 'ensemble' || (manifest.platform === 'program' && tryProgram === undefined)) {
      throw new DomainError('invalid_request', `A model of platform ${manifest.platform} has no versions`, {
        param: 'manifest.platform',
      });
    }
    const variants = Variant.options.filter((variant) => variantFile(variant, files) !== undefined);
    if (variants.length === 0) {
      const names = Variant.options.map((variant) => `model.${variant}.onnx`).join(', ');
      throw new DomainError('invalid_request', `A version has one of the files ${names} at least`, {
        param: 'files',
      });
    }
    for (const variant of variants) {
      if (manifest.platform !== 'program') await tryVariant(service, folder, manifest, files, variant);
      else await tryProgram?.(programFilesOf(folder, manifest, files, variant));
    }
  };
}

function programFilesOf(
  folder: string,
  manifest: ModelManifest,
  files: VersionFiles,
  variant: Variant,
): ProgramFiles {
  const name = variantFile(variant, files);
  const file = name === undefined ? undefined : files[name];
  if (name === undefined || file === undefined) throw new TypeError(`${variant} was there a moment ago`);
  return { manifest, version: 'on trial', variant, files, folder, modelFile: { name, ...file } };
}

async function tryVariant(
  service: string,
  folder: string,
  manifest: ModelManifest,
  files: VersionFiles,
  variant: Variant,
): Promise<void> {
  const name = variantFile(variant, files);
  const file = name === undefined ? undefined : files[name];
  if (name === undefined || file === undefined) throw new TypeError(`${variant} was there a moment ago`);
  await using model = openTensorModel({
    modelId: manifest.id,
    version: 'on trial',
    variant,
    manifest,
    file: { path: join(folder, name), sha256: file.sha256 },
    group: { kind: 'KIND_CPU', threads: 1, count: 1 },
    service,
  });
  try {
    await model.start();
  } catch (error) {
    if (!DomainError.is(error)) throw error;
    const { code, message, param } = error;
    throw new DomainError(code, `${name}: ${message}`, { param, cause: error });
  }
}
