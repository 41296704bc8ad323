import { DomainError } from '@trivium/contracts';
import type { VersionFiles } from '@trivium/contracts/model-manifest';

/** All parts but a file's last have this size. */
export const PART_BYTES = 4 * 1024 * 1024;

export function partsOf(bytes: number): number {
  return Math.ceil(bytes / PART_BYTES);
}

/** Size that a part must have. Throws `invalid_request` that names the field when there is no such part. */
export function sizeOfPart(files: VersionFiles, path: string, index: number): number {
  const file = files[path];
  if (file === undefined) {
    throw new DomainError('invalid_request', `path: the upload has no file ${path}.`, { param: 'path' });
  }
  const parts = partsOf(file.bytes);
  if (index >= parts) {
    throw new DomainError('invalid_request', `index: ${path} has ${parts} parts, numbered from 0.`, {
      param: 'index',
    });
  }
  return Math.min(PART_BYTES, file.bytes - index * PART_BYTES);
}

export type Received = Readonly<Record<string, readonly number[]>>;

/** Indexes that have not arrived, by file; empty when all have. */
export function missingParts(files: VersionFiles, received: Received): Record<string, number[]> {
  const missing: Record<string, number[]> = {};
  for (const [path, { bytes }] of Object.entries(files)) {
    const there = new Set(received[path]);
    const absent = Array.from({ length: partsOf(bytes) }, (_, index) => index).filter(
      (index) => !there.has(index),
    );
    if (absent.length > 0) missing[path] = absent;
  }
  return missing;
}

const NAMED = 16;

export function truncated(missing: Readonly<Record<string, readonly number[]>>): DomainError {
  const text = Object.entries(missing)
    .map(([path, indexes]) => {
      const more = indexes.length > NAMED ? ` and ${indexes.length - NAMED} more` : '';
      return `${path}: parts ${indexes.slice(0, NAMED).join(', ')}${more}`;
    })
    .slice(0, NAMED)
    .join('; ');
  const details = Object.fromEntries(
    Object.entries(missing)
      .slice(0, NAMED)
      .map(([path, indexes]) => [path, indexes.slice(0, NAMED)]),
  );
  return new DomainError('invalid_request', `The upload is not complete. Missing: ${text}.`, {
    param: 'files',
    details: { missing: details },
  });
}
