import { DomainError } from '@trivium/contracts';
import { FilePath, type ModelManifest } from '@trivium/contracts/model-manifest';

/** One file of a manifest: where it lies at the hub, where it goes, and what is known of it beforehand. */
export interface HubFile {
  /** Inside the version's folder. */
  readonly path: string;
  readonly url: URL;
  readonly sha256: string | undefined;
  readonly bytes: number | undefined;
}

/**
 * The files of a catalogue manifest at `{hub}/{repository}/resolve/{revision}/{path}`. Throws
 * `invalid_request` that names the field when the manifest has no hub source, no files, or a path that
 * leaves its folder.
 */
export function hubFiles({ id, source, files }: ModelManifest, hubUrl: string): HubFile[] {
  if (source?.kind !== 'hub') {
    throw new DomainError('invalid_request', `'${id}' names no hub to take its files from.`, {
      param: 'manifest.source',
    });
  }
  const entries = Object.entries(files);
  if (entries.length === 0) {
    throw new DomainError('invalid_request', `'${id}' names no files.`, { param: 'manifest.files' });
  }
  const base = `${hubUrl.replace(/\/+$/, '')}/${source.repository}/resolve/${encodeURIComponent(source.revision)}`;
  return entries.map(([path, { path: sourcePath, sha256, bytes }]) => {
    const segments = sourcePath.split('/');
    const param = `manifest.files[${JSON.stringify(path)}]`;
    if (!FilePath.safeParse(path).success) throw leavesFolder(param, path);
    if (segments.some((segment) => segment === '' || segment === '.' || segment === '..')) {
      throw leavesFolder(`${param}.path`, sourcePath);
    }
    const url = new URL(`${base}/${segments.map(encodeURIComponent).join('/')}`);
    return { path, url, sha256, bytes };
  });
}

function leavesFolder(param: string, path: string): DomainError {
  return new DomainError('invalid_request', `'${path}' is not a path inside the model's folder.`, { param });
}
