import { DomainError } from '@trivium/contracts';
import { type ModelManifest, Variant } from '@trivium/contracts/model-manifest';
import {
  type Inference,
  type ProgramModel,
  programLifecycle,
  type ResidentProgram,
} from '@trivium/inference';
import type { Lease, Lifecycle } from '@trivium/serving';
import type { LocalModel, LocalModels } from '../catalogue/local-models.js';
import type { TextPlacementV1 } from '../catalogue/text-model.js';
import { decoderNotPreloaded, decoderWorkerChanged } from '../events.js';
import { LocalDecoder } from './local-decoder.js';
import { LocalPlacement } from './local-placement.js';

type Decoder = ResidentProgram<LocalDecoder>;

/** Until its files have been read. */
const USUAL_WINDOW = 2_048;
/** A worker's own memory, before any model: the runtime, the tokenizer, the grammars. */
const WORKER_BYTES = 160 * 1024 ** 2;

/** The repository's language models: which there are, and the decoder of each while it is loaded. */
export class LocalDecoders implements LocalModels, AsyncDisposable {
  /** As the list of models shows them; it follows the repository. */
  readonly programs = new Map<string, ProgramModel>();
  readonly #decoders = new Map<string, Lifecycle<Decoder>>();
  readonly #placements = new Map<string, LocalPlacement>();
  readonly #windows = new Map<string, number>();
  #inference: Inference | undefined;
  #subscription: Disposable | undefined;

  constructor(private readonly loadWaitMs: number) {}

  /** The repository opens after the programs that it shows. */
  bind(inference: Inference): void {
    this.#inference = inference;
    this.#follow();
    this.#subscription = inference.registry.onChange(() => this.#follow());
  }

  /** Loads those that are to be there before the first request; one that does not load stops nothing. */
  async preload(): Promise<void> {
    const wanted = this.#manifests().filter(({ preload }) => preload);
    await Promise.all(
      wanted.map(async ({ id }) => {
        try {
          await this.#lifecycle(id).load();
          this.#noteWindow(id);
        } catch (error) {
          decoderNotPreloaded({ model: id, error });
        }
      }),
    );
  }

  list(): readonly LocalModel[] {
    const models = this.#inference?.registry.models();
    return this.#manifests().map(({ id, description }) => ({
      id,
      ready: Object.keys(models?.get(id)?.versions ?? {}).length > 0,
      description,
      contextWindow: this.#windows.get(id) ?? USUAL_WINDOW,
      ownedBy: models?.get(id)?.bundled === true ? 'trivium' : 'operator',
      bundled: models?.get(id)?.bundled === true,
    }));
  }

  placement(id: string): TextPlacementV1 {
    const known = this.#placements.get(id);
    if (known !== undefined) return known;
    const [model = id] = id.split('@');
    const placement = new LocalPlacement({
      model: id,
      contextWindow: () => this.#windows.get(model) ?? USUAL_WINDOW,
      isReady: () => this.programs.has(model),
      lease: (signal) => this.#lease(id, signal),
    });
    this.#placements.set(id, placement);
    return placement;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#subscription?.[Symbol.dispose]();
    await Promise.all([...this.#decoders.values()].map((lifecycle) => lifecycle[Symbol.asyncDispose]()));
  }

  async #lease(id: string, signal: AbortSignal): Promise<Lease<Decoder>> {
    const lease = await this.#lifecycle(id).lease({ waitMs: this.loadWaitMs, signal });
    const [model = id] = id.split('@');
    this.#windows.set(model, lease.resource.program.contextWindow);
    return lease;
  }

  #lifecycle(id: string): Lifecycle<Decoder> {
    const inference = this.#inference;
    if (inference === undefined) throw new DomainError('unavailable', 'The models are not open yet.');
    const [model = id, requested] = id.split('@');
    const variant = requested === undefined ? undefined : Variant.parse(requested);
    const { manifest, version, files } = inference.engine.versionOf(model, undefined);
    if (manifest.task !== 'generate') {
      throw new DomainError('model_not_found', `${model} is no language model.`, { param: 'model' });
    }
    const chosen = variant ?? manifest.variant_policy.default;
    const key = `${model}@${chosen} ${version}`;
    const known = this.#decoders.get(key);
    if (known !== undefined) return known;
    const lifecycle = programLifecycle(
      inference.premises,
      { manifest, version, variant: chosen, files },
      (bytes) => WORKER_BYTES + 2 * bytes,
      (program) =>
        LocalDecoder.open(program, (event) => decoderWorkerChanged({ model, variant: chosen, ...event })),
    );
    this.#decoders.set(key, lifecycle);
    return lifecycle;
  }

  /** Takes in what came, and ends the decoders of what is gone. */
  #follow(): void {
    const manifests = new Map(this.#manifests().map((manifest) => [manifest.id, manifest]));
    for (const id of this.programs.keys()) if (!manifests.has(id)) this.programs.delete(id);
    for (const id of manifests.keys()) if (!this.programs.has(id)) this.programs.set(id, this.#programOf(id));
    const models = this.#inference?.registry.models();
    for (const [key, lifecycle] of this.#decoders) {
      const [name = '', version = ''] = key.split(' ');
      const [model = ''] = name.split('@');
      if (models?.get(model)?.versions[version] !== undefined) continue;
      this.#decoders.delete(key);
      // Requests under way keep their leases; it ends after the last of them.
      void lifecycle[Symbol.asyncDispose]();
    }
  }

  #programOf(id: string): ProgramModel {
    const own = (): Lifecycle<Decoder>[] =>
      [...this.#decoders].flatMap(([key, lifecycle]) => (key.startsWith(`${id}@`) ? [lifecycle] : []));
    return {
      get ready() {
        return own().some(({ state }) => state === 'READY');
      },
      get reason() {
        return own().find(({ reason }) => reason !== '')?.reason ?? 'not loaded; the first request loads it';
      },
      get memoryBytes() {
        return own().reduce((sum, { resource }) => sum + (resource?.program.memoryBytes ?? 0), 0);
      },
    };
  }

  #noteWindow(id: string): void {
    const window = this.#lifecycle(id).resource?.program.contextWindow;
    if (window !== undefined) this.#windows.set(id, window);
  }

  #manifests(): ModelManifest[] {
    const models = this.#inference?.registry.models() ?? new Map();
    return [...models.values()]
      .map(({ manifest }) => manifest as ModelManifest)
      .filter(({ task, platform }) => task === 'generate' && platform === 'program');
  }
}
