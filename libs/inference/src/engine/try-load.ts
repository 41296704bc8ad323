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

/** Stands for the number that a version has not got yet. */
const TRIAL = 'on trial';

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
    const variants = Variant.options.flatMap((variant) => {
      const modelFile = variantFile(variant, files);
      return modelFile === undefined ? [] : [{ manifest, version: TRIAL, variant, files, folder, modelFile }];
    });
    if (variants.length === 0) {
      const names = Variant.options.map((variant) => `model.${variant}.onnx`).join(', ');
      throw new DomainError('invalid_request', `A version has one of the files ${names} at least`, {
        param: 'files',
      });
    }
    for (const variant of variants) {
      if (manifest.platform === 'program') await tryProgram?.(variant);
      else await tryTensors(service, variant);
    }
  };
}

async function tryTensors(
  service: string,
  { manifest, version, variant, folder, modelFile: { name, sha256 } }: ProgramFiles,
): Promise<void> {
  await using model = openTensorModel({
    modelId: manifest.id,
    version,
    variant,
    manifest,
    file: { path: join(folder, name), sha256 },
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
