import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { DomainError } from '@trivium/contracts';
import { FilePath, type VersionFiles } from '@trivium/contracts/model-manifest';
import { confined } from './confined.js';
import { isVerified } from './version-folder.js';

/** Beside the files of a bundled version; `sha256sum --check SHA256SUMS` reads it too. */
export const CHECKSUMS = 'SHA256SUMS';
/** Digest, a space, a space or the star of binary mode, the path inside the version's folder. */
const LINE = /^(?<sha256>[0-9a-f]{64}) [ *](?:\.\/)?(?<path>.+)$/u;

/**
 * The files of a version as its list of checksums names them, with the sizes that they have; a file that is not in the
 * list is no part of the version. Throws `invalid_request` for a list that is missing, malformed or names no file,
 * and for a path that leads out of the folder; `model_not_available` for a file that is not there.
 */
export async function readChecksums(folder: string): Promise<VersionFiles> {
  const text = await confined(folder, CHECKSUMS)
    .then((place) => readFile(place, 'utf8'))
    .catch((cause: unknown) => {
      throw DomainError.is(cause) ? cause : faulty(`is missing in ${basename(folder)}`, cause);
    });
  const files: VersionFiles = {};
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const { sha256, path } = LINE.exec(line)?.groups ?? {};
    if (sha256 === undefined || !FilePath.safeParse(path).success || path === undefined) {
      throw faulty(`line ${index + 1} is no checksum and path`);
    }
    if (path in files) throw faulty(`names ${path} twice`);
    files[path] = { sha256, bytes: await sizeOf(folder, path) };
  }
  if (Object.keys(files).length === 0) throw faulty('names no file');
  return files;
}

/**
 * Hashes every file of a version that came with the program. Throws `model_not_available` that names the first one
 * that is not what its checksum says, and the signal's reason.
 */
export async function verifyFiles(
  model: string,
  folder: string,
  files: VersionFiles,
  signal?: AbortSignal,
): Promise<void> {
  for (const [path, file] of Object.entries(files)) {
    signal?.throwIfAborted();
    if (!(await isVerified(folder, folder, path, file))) throw changed(model, path);
  }
}

async function sizeOf(folder: string, path: string): Promise<number> {
  try {
    return (await stat(await confined(folder, path))).size;
  } catch (cause) {
    if (DomainError.is(cause)) throw cause;
    throw new DomainError('model_not_available', `${path}, which ${CHECKSUMS} names, is not there.`, {
      param: path,
      cause,
    });
  }
}

function changed(model: string, path: string): DomainError {
  return new DomainError(
    'model_not_available',
    `${path} of ${model} is not the file that ${CHECKSUMS} names: it was changed after it came with the program.`,
    { param: 'model', details: { file: path } },
  );
}

function faulty(why: string, cause?: unknown): DomainError {
  return new DomainError('invalid_request', `${CHECKSUMS} ${why}.`, { param: CHECKSUMS, cause });
}
