import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { DomainError } from '@trivium/contracts';
import type { ModelFile } from '../program/program.js';

/** Bytes of a file that is what its card says. The same bytes are then loaded, so nothing can change between. */
export async function readVerifiedFile({ path, sha256 }: ModelFile): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new DomainError('model_not_available', 'A file of the model is missing', { cause });
  }
  const actual = createHash('sha256').update(bytes).digest('hex');
  if (actual !== sha256) {
    throw new DomainError('model_not_available', 'A file of the model is not the one its card names', {
      details: { expected: sha256, actual },
    });
  }
  return bytes;
}
