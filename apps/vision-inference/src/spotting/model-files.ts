import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DomainError } from '@trivium/contracts';
import type { ModelFile } from '@trivium/onnx';
import { type ModelCard, parseModelCard } from '@trivium/serving';

const REPOSITORY_MODELS = fileURLToPath(new URL('../../../../models', import.meta.url));

export async function readModelCard(id: string, folder: string = REPOSITORY_MODELS): Promise<ModelCard> {
  try {
    return parseModelCard(await readFile(join(folder, id, 'model.yaml'), 'utf8'));
  } catch (cause) {
    throw new DomainError('model_not_available', `The pack of ${id} is missing or damaged`, { cause });
  }
}

/** Where the file of a role lies, inside the package that the card names. */
export function modelFile(card: ModelCard, role: string): ModelFile {
  const file = card.files[role];
  if (file === undefined) throw new DomainError('model_not_available', `${card.id} has no ${role} file`);
  try {
    const root = dirname(fileURLToPath(import.meta.resolve(card.source.entry)));
    return { path: join(root, file.path), sha256: file.sha256 };
  } catch (cause) {
    throw new DomainError('model_not_available', `The package ${card.source.package} is not installed`, {
      cause,
    });
  }
}
