import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import { DomainError } from '@trivium/contracts';
import { FilePath, type VersionFiles } from '@trivium/contracts/model-manifest';

const MOST_FILES = 4_096;

/**
 * The real place of a path that must lie in the folder, links resolved. Throws `invalid_request` that
 * names the path when it leaves the folder or is no plain file; ENOENT passes.
 */
export async function confined(folder: string, path: string): Promise<string> {
  const root = await realpath(folder);
  const place = await realpath(join(folder, path));
  if (!isInside(root, place)) {
    throw new DomainError('invalid_request', `${path} leads out of its folder.`, { param: path });
  }
  if (!(await stat(place)).isFile()) {
    throw new DomainError('invalid_request', `${path} is not a file.`, { param: path });
  }
  return place;
}

/** Whether the place is in the folder; both real. */
export function isInside(folder: string, place: string): boolean {
  const path = relative(folder, resolve(place));
  return path !== '' && path !== '..' && !path.startsWith(`..${sep}`) && !path.startsWith(sep);
}

/**
 * Paths of all files below the folder, sorted; hidden ones are left out. Links may stay inside `root` only;
 * names follow `FilePath`.
 */
export async function filesBelow(folder: string, root = folder): Promise<string[]> {
  const found: string[] = [];
  const realRoot = await realpath(root);
  const walk = async (inner: string): Promise<void> => {
    for (const { name } of await readdir(join(folder, inner), { withFileTypes: true })) {
      if (name.startsWith('.')) continue;
      const path = inner === '' ? name : `${inner}/${name}`;
      if (!FilePath.safeParse(path).success) {
        throw new DomainError('invalid_request', `${path} is no name for a model's file.`, { param: path });
      }
      const whole = join(folder, path);
      const place = await realpath(whole);
      if (!isInside(realRoot, place)) {
        throw new DomainError('invalid_request', `${path} leads out of the model's folder.`, { param: path });
      }
      const facts = await lstat(place);
      // @NOTE a linked folder may hold itself
      if (facts.isDirectory() && !(await lstat(whole)).isSymbolicLink()) await walk(path);
      else if (facts.isFile()) found.push(path);
      else throw new DomainError('invalid_request', `${path} is not a file.`, { param: path });
      if (found.length > MOST_FILES) {
        throw new DomainError('invalid_request', `More than ${MOST_FILES} files.`, { param: path });
      }
    }
  };
  await walk('');
  return found.toSorted();
}

/** Digest and size of every file below the folder. */
export async function digestBelow(folder: string, root = folder): Promise<VersionFiles> {
  const files: VersionFiles = {};
  for (const path of await filesBelow(folder, root)) files[path] = await digestOf(join(folder, path));
  return files;
}

export async function digestOf(path: string): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { sha256: hash.digest('hex'), bytes };
}
