import { DomainError } from '@trivium/contracts';
import { VersionFiles } from '@trivium/contracts/model-manifest';

const MOST_FILES = 256;

/**
 * What an upload says that it will send. Throws `invalid_request` that names the file, and
 * `payload_too_large` when all files together have more bytes than are allowed.
 */
export function checkFiles(files: VersionFiles, maxBytes: number): VersionFiles {
  const count = Object.keys(files).length;
  if (count === 0 || count > MOST_FILES) {
    throw new DomainError('invalid_request', `files: a version has 1 to ${MOST_FILES} files.`, {
      param: 'files',
    });
  }
  const total = Object.values(files).reduce((sum, { bytes }) => sum + bytes, 0);
  if (total > maxBytes) {
    throw new DomainError('payload_too_large', `files: ${total} bytes together; ${maxBytes} are allowed.`, {
      param: 'files',
      details: { size: total, limit: maxBytes },
    });
  }
  for (const path of Object.keys(files)) {
    const inner = Object.keys(files).find((other) => other.startsWith(`${path}/`));
    if (inner === undefined) continue;
    throw new DomainError('invalid_request', `files: ${path} is a file, and a folder in ${inner}.`, {
      param: `files.${path}`,
    });
  }
  const parsed = VersionFiles.safeParse(files);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new DomainError('invalid_request', `files.${issue?.path.join('.')}: ${issue?.message}`, {
    param: `files.${issue?.path.join('.')}`,
  });
}
