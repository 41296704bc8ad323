import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DomainError } from '@trivium/contracts';
import { type InferenceService, ModelManifest, serviceOf } from '@trivium/contracts/model-manifest';
import { parse } from 'yaml';

/** Of the repository, and of the images made from it. */
const CATALOGUE_FOLDER = fileURLToPath(new URL('../../../../models/catalog', import.meta.url));

/** Models that may be pulled, each described by a file `<id>.yaml` in a folder that ships with the repository. */
export class Catalogue {
  readonly #manifests: ReadonlyMap<string, ModelManifest>;

  private constructor(manifests: ReadonlyMap<string, ModelManifest>) {
    this.#manifests = manifests;
  }

  /** Reads all files of the folder; throws an error that names the file and field that is wrong. */
  static async read(folder = CATALOGUE_FOLDER): Promise<Catalogue> {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).toSorted();
    const manifests = new Map<string, ModelManifest>();
    for (const name of names) {
      const manifest = parseEntry(name, await readFile(join(folder, name), 'utf8'));
      manifests.set(manifest.id, manifest);
    }
    return new Catalogue(manifests);
  }

  /** By id; those that this service runs, or all. */
  list(service?: InferenceService): ModelManifest[] {
    const all = [...this.#manifests.values()];
    return service === undefined ? all : all.filter((manifest) => serviceOf(manifest) === service);
  }

  /** Throws `model_not_found`. */
  get(id: string): ModelManifest {
    const manifest = this.#manifests.get(id);
    if (manifest !== undefined) return manifest;
    throw new DomainError('model_not_found', `The catalogue has no model '${id}'.`, { param: 'model' });
  }
}

function parseEntry(name: string, text: string): ModelManifest {
  const { data, error } = ModelManifest.safeParse(parse(text));
  if (data === undefined) {
    const issue = error.issues[0];
    throw new Error(`${name}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  if (`${data.id}.yaml` !== basename(name)) throw new Error(`${name}: holds the model '${data.id}'`);
  return data;
}
