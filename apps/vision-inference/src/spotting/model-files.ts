import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DomainError } from '@trivium/contracts';
import type { ModelManifest } from '@trivium/contracts/model-manifest';
import type { ModelFile } from '@trivium/onnx';
import { parseManifest } from '@trivium/serving';

const REPOSITORY_MODELS = fileURLToPath(new URL('../../../../models', import.meta.url));

export async function readModelManifest(
  id: string,
  folder: string = REPOSITORY_MODELS,
): Promise<ModelManifest> {
  try {
    return parseManifest(await readFile(join(folder, id, 'model.yaml'), 'utf8'));
  } catch (cause) {
    throw new DomainError('model_not_available', `The pack of ${id} is missing or damaged`, { cause });
  }
}

/** Where the file of a role lies, inside the package that the manifest names. */
export function modelFile({ id, files, source }: ModelManifest, role: string): ModelFile {
  const file = files[role];
  if (file?.sha256 === undefined || source?.kind !== 'package') {
    throw new DomainError('model_not_available', `${id} has no ${role} file in a package`);
  }
  try {
    const root = dirname(fileURLToPath(import.meta.resolve(source.entry)));
    return { path: join(root, file.path), sha256: file.sha256 };
  } catch (cause) {
    throw new DomainError('model_not_available', `The package ${source.package} is not installed`, { cause });
  }
}
