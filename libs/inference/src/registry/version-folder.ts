import { mkdir, open, realpath, rename, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DomainError } from '@trivium/contracts';
import type { VersionFiles } from '@trivium/contracts/model-manifest';
import { digestOf, isInside } from './confined.js';

/**
 * Whether the version's folder has the file with exactly these bytes; a link may lead elsewhere inside
 * `root`, the model's folder. Throws `invalid_request` when it leads out of it.
 */
export async function isVerified(
  folder: string,
  root: string,
  path: string,
  file: VersionFiles[string],
): Promise<boolean> {
  let real: string;
  try {
    real = await realpath(join(folder, path));
  } catch {
    return false;
  }
  if (!isInside(await realpath(root), real)) {
    throw new DomainError('invalid_request', `${path} leads out of the model's folder.`, { param: path });
  }
  const facts = await stat(real);
  if (!facts.isFile() || facts.size !== file.bytes) return false;
  return (await digestOf(real)).sha256 === file.sha256;
}

/** Moves a whole file under its name, with the folders above it safely on disk. */
export async function place(incoming: string, folder: string, path: string): Promise<void> {
  const target = join(folder, path);
  const parent = dirname(target);
  await mkdir(parent, { recursive: true });
  const root = await realpath(folder);
  const real = await realpath(parent);
  if (real !== root && !isInside(root, real)) {
    throw new DomainError('invalid_request', `${path} leads out of the version's folder.`, { param: path });
  }
  await rename(incoming, target);
  const handle = await open(parent, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
