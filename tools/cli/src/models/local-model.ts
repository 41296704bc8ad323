import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FilePath, ModelManifest, ModelVersion, type VersionFiles } from '@trivium/contracts/model-manifest';
import { parse } from 'yaml';
import { CliError, EXIT } from '../server/cli-error.js';

const MANIFEST = 'model.yaml';

/** A version on this machine, ready to be sent. */
export interface LocalModel {
  readonly manifest: ModelManifest;
  /** The number of the version's folder, when it has one. */
  readonly version: string | undefined;
  /** By path inside the version, where it lies here. */
  readonly paths: ReadonlyMap<string, string>;
}

/**
 * One `.onnx` file with its `model.yaml`, a folder with both, or a model's folder with numbered versions, of
 * which the newest is taken unless told otherwise. Links are not followed.
 */
export async function readLocalModel(
  path: string,
  options: { readonly manifest?: string | undefined; readonly at?: string | undefined },
): Promise<LocalModel> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new CliError(`There is no ${path}.`, EXIT.notFound);
  if (found.isFile()) {
    const manifest = await readManifest(options.manifest ?? join(dirname(path), MANIFEST));
    return { manifest, version: options.at, paths: new Map([['model.fp32.onnx', path]]) };
  }
  const manifest = await readManifest(options.manifest ?? join(path, MANIFEST));
  const numbered = await newestVersion(path, options.at);
  const folder = numbered === undefined ? path : join(path, numbered);
  const paths = new Map(await filesBelow(folder, ''));
  if (paths.size > 0) return { manifest, version: numbered ?? options.at, paths };
  throw new CliError(`${folder} holds no files of a model.`, EXIT.usage);
}

/** Sizes and checksums, as they are announced. */
export async function describeFiles({ paths }: LocalModel, signal: AbortSignal): Promise<VersionFiles> {
  const files: VersionFiles = {};
  for (const [path, place] of paths) {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of createReadStream(place, { signal })) {
      hash.update(chunk as Buffer);
      bytes += (chunk as Buffer).byteLength;
    }
    if (bytes === 0) throw new CliError(`${place} is empty.`, EXIT.usage);
    files[path] = { sha256: hash.digest('hex'), bytes };
  }
  return files;
}

async function readManifest(path: string): Promise<ModelManifest> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) {
    throw new CliError(
      `There is no ${path}. Say where the model's manifest is: --manifest model.yaml`,
      EXIT.usage,
    );
  }
  const { data, error } = ModelManifest.safeParse(parseYaml(text, path));
  if (data !== undefined) return data;
  const faults = error.issues.map((issue) => `  ${issue.path.join('.') || 'model'}: ${issue.message}`);
  throw new CliError(`${path} is not a manifest:\n${faults.join('\n')}`, EXIT.usage);
}

function parseYaml(text: string, path: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new CliError(`${path} is not YAML: ${error instanceof Error ? error.message : ''}`, EXIT.usage);
  }
}

/** Undefined when the folder is itself the version. */
async function newestVersion(folder: string, wanted: string | undefined): Promise<string | undefined> {
  const entries = await readdir(folder, { withFileTypes: true });
  const numbers = entries
    .filter((entry) => entry.isDirectory() && ModelVersion.safeParse(entry.name).success)
    .map(({ name }) => name);
  if (numbers.length === 0) return undefined;
  if (wanted === undefined) return numbers.toSorted((a, b) => Number(a) - Number(b)).at(-1);
  if (numbers.includes(wanted)) return wanted;
  throw new CliError(`${folder} has no version ${wanted}; it has ${numbers.join(', ')}.`, EXIT.notFound);
}

async function filesBelow(folder: string, prefix: string): Promise<[string, string][]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found = await Promise.all(
    entries
      .filter(({ name }) => !name.startsWith('.') && !(prefix === '' && name === MANIFEST))
      .toSorted((a, b) => a.name.localeCompare(b.name))
      .map(async ({ name }): Promise<[string, string][]> => {
        const place = join(folder, name);
        const path = prefix + name;
        const kind = await lstat(place);
        if (kind.isDirectory()) return filesBelow(place, `${path}/`);
        if (!kind.isFile()) throw new CliError(`${place} is no regular file.`, EXIT.usage);
        if (FilePath.safeParse(path).success) return [[path, place]];
        throw new CliError(
          `${place}: a file of a model has only letters, digits, . _ and - in its name.`,
          EXIT.usage,
        );
      }),
  );
  return found.flat();
}
