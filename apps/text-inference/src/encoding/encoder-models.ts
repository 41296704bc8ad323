import { createHash } from 'node:crypto';
import type { OnApplicationBootstrap } from '@nestjs/common';
import { DomainError } from '@trivium/contracts';
import type { ModelSummary } from '@trivium/contracts/inference';
import type { ModelDescription } from '@trivium/contracts/model';
import { type ModelManifest, Variant, type VersionFiles } from '@trivium/contracts/model-manifest';
import { Encoder, type TensorEngine } from './encoder.js';
import { readEncoderFiles } from './encoder-files.js';
import { settingsOf } from './encoder-settings.js';
import { encoderShapeOf } from './encoder-shape.js';
import { unlessAborted } from './in-parallel.js';
import { Recent } from './recent.js';
import { SequenceTokenizer } from './sequence-tokenizer.js';

export type EncoderTask = 'embed' | 'rerank';

/** The part of the engine that finds models and runs them. */
export interface EncoderEngine extends TensorEngine {
  versionOf(
    model: string,
    version: string | undefined,
    variant?: Variant,
  ): { readonly manifest: ModelManifest; readonly version: string; readonly files: VersionFiles };
  load(
    request: { readonly model: string; readonly version: string; readonly wait: boolean },
    signal: AbortSignal,
  ): Promise<unknown>;
  list(model?: string): ModelSummary[];
}

/** The part of the model repository that holds their files. */
export interface EncoderRepository {
  models(): ReadonlyMap<
    string,
    { readonly manifest: ModelManifest; readonly versions: object; readonly bundled: boolean }
  >;
  materialise(model: string, version: string): Promise<string>;
}

interface OpenEncoder {
  readonly manifest: ModelManifest;
  readonly files: VersionFiles;
  readonly encoder: Promise<Encoder>;
}

/** Tokenizers are large; more models than this take turns. */
const MOST_OPEN = 8;
/** Of a load that is waited for only to learn what the model's file says. */
const LOAD_MS = 120_000;
const TASKS: ReadonlySet<string> = new Set<EncoderTask>(['embed', 'rerank']);

/** The models of the repository that take text and answer with numbers. */
export class EncoderModels implements OnApplicationBootstrap {
  readonly #open = new Recent<string, OpenEncoder>(MOST_OPEN);

  constructor(
    private readonly engine: EncoderEngine,
    private readonly repository: EncoderRepository,
  ) {}

  /** Models that are loaded with the service have their tokenizers read with it. */
  onApplicationBootstrap(): void {
    for (const { manifest, versions } of this.repository.models().values()) {
      if (!manifest.preload || !isTask(manifest.task) || Object.keys(versions).length === 0) continue;
      // Whoever asks for it is told what is wrong with it.
      this.find(manifest.id, manifest.task, new AbortController().signal).catch(() => undefined);
    }
  }

  /** Whether any model of the repository does this. */
  has(task: EncoderTask): boolean {
    return this.#first(task) !== undefined;
  }

  /** The task of a model; undefined when there is no such model. */
  taskOf(name: string): string | undefined {
    return this.repository.models().get(name.split('@', 1)[0] ?? '')?.manifest.task;
  }

  /** `model`, `model@variant`, or undefined for the first one that does the task. */
  async find(name: string | undefined, task: EncoderTask, signal: AbortSignal): Promise<Encoder> {
    const asked = name ?? this.#first(task);
    if (asked === undefined) throw noModel(task);
    const { model, variant } = readName(asked);
    const { manifest, version, files } = this.engine.versionOf(model, undefined, variant);
    if (manifest.task !== task) {
      throw new DomainError(
        'invalid_request',
        `${model} is a model of the task '${manifest.task}', not of '${task}'.`,
        { param: 'model' },
      );
    }
    const key = `${asked} ${version}`;
    const known = this.#open.get(key);
    if (known?.manifest === manifest && known.files === files) return unlessAborted(known.encoder, signal);
    const encoder = this.#read({ manifest, version, files, variant });
    const entry = { manifest, files, encoder };
    this.#open.set(key, entry);
    encoder.catch(() => this.#open.forget(key, entry)); // the next request tries anew
    return unlessAborted(encoder, signal);
  }

  list(): ModelDescription[] {
    return this.engine.list().flatMap(({ id, manifest, versions }) => {
      if (!isTask(manifest.task) || versions.length === 0) return [];
      const width = widthOf(manifest, manifest.task);
      return {
        id,
        task: manifest.task,
        placement: placementOf(manifest),
        ownedBy:
          manifest.source?.kind === 'hub' ? (manifest.source.repository.split('/')[0] ?? id) : 'trivium',
        created: Math.floor(Math.min(...versions.map(({ createdAt }) => createdAt)) / 1_000),
        ready: versions.some(({ state }) => state === 'READY'),
        ...(manifest.description === '' ? {} : { description: manifest.description }),
        ...(manifest.task === 'embed' && width !== undefined ? { dimensions: width } : {}),
      };
    });
  }

  async #read({
    manifest,
    version,
    files,
    variant,
  }: {
    readonly manifest: ModelManifest;
    readonly version: string;
    readonly files: VersionFiles;
    readonly variant: Variant | undefined;
  }): Promise<Encoder> {
    const { id: model } = manifest;
    const folder = await this.repository.materialise(model, version);
    const read = await readEncoderFiles(model, folder, files);
    const repository = manifest.source?.kind === 'hub' ? manifest.source.repository : '';
    const settings = settingsOf(`${model} ${repository}`, read);
    const shape = encoderShapeOf(await this.#completed(manifest, version), manifest.task as EncoderTask);
    const tokenizer = new SequenceTokenizer(model, read.tokenizer, read.tokenizerConfig, settings.maxTokens);
    const digest = digestOf(files);
    return new Encoder({ model, version, variant, digest, tokenizer, settings, shape }, this.engine);
  }

  /** With what the model's file says where the manifest says nothing: that is known once it is loaded. */
  async #completed(manifest: ModelManifest, version: string): Promise<ModelManifest> {
    if (manifest.input.length > 0 && manifest.output.length > 0) return manifest;
    await this.engine.load({ model: manifest.id, version, wait: true }, AbortSignal.timeout(LOAD_MS));
    return this.engine.list(manifest.id)[0]?.manifest ?? manifest;
  }

  /** What somebody chose before what came with the program. */
  #first(task: EncoderTask): string | undefined {
    const able = [...this.repository.models().values()].filter(
      ({ manifest, versions }) => manifest.task === task && Object.keys(versions).length > 0,
    );
    return (able.find(({ bundled }) => !bundled) ?? able[0])?.manifest.id;
  }
}

function isTask(task: string): task is EncoderTask {
  return TASKS.has(task);
}

function readName(name: string): { readonly model: string; readonly variant: Variant | undefined } {
  const at = name.indexOf('@');
  if (at === -1) return { model: name, variant: undefined };
  const variant = Variant.safeParse(name.slice(at + 1));
  if (variant.success) return { model: name.slice(0, at), variant: variant.data };
  throw new DomainError(
    'model_not_found',
    `There is no variant '${name.slice(at + 1)}'; there may be ${Variant.options.join(', ')}.`,
    { param: 'model' },
  );
}

function noModel(task: EncoderTask): DomainError {
  const [what, example] =
    task === 'embed' ? ['embeds', 'all-minilm-l6-v2'] : ['reranks', 'ms-marco-minilm-l6-v2'];
  return new DomainError(
    'model_not_available',
    `There is no model that ${what} text. Add one: \`npm run trivium -- models pull ${example}\`, or upload a model of the task '${task}'.`,
  );
}

function digestOf(files: VersionFiles): string {
  const hash = createHash('sha256');
  for (const [path, { sha256 }] of Object.entries(files).sort(([one], [other]) => (one < other ? -1 : 1))) {
    hash.update(`${path} ${sha256}\n`);
  }
  return hash.digest('hex');
}

function widthOf(manifest: ModelManifest, task: EncoderTask): number | undefined {
  try {
    return encoderShapeOf(manifest, task).width;
  } catch {
    return undefined; // not known before it is loaded; whoever asks for it is told what is wrong with it
  }
}

function placementOf({ instance_group: [first] }: ModelManifest): ModelDescription['placement'] {
  if (first?.kind === 'KIND_REMOTE') return 'remote';
  return first?.kind === 'KIND_GPU' ? 'cuda' : 'cpu';
}
