import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Addresses in the lock file would bind every install to one registry. */
export async function lockedAddresses(root: string): Promise<string[]> {
  const lock = await readFile(join(root, 'package-lock.json'), 'utf8');
  return lock.split('\n').filter((line) => /"resolved": *"https?:/.test(line));
}
