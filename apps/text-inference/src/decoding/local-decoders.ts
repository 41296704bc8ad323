import { DomainError } from '@trivium/contracts';
import { Variant, type VersionFiles, variantFile } from '@trivium/contracts/model-manifest';
import {
  type Inference,
  programLifecycle,
  type ProgramModel,
  type RegisteredModel,
  type ResidentProgram,
  settingsOf,
} from '@trivium/inference';
import { chooseVariant, type Lease, type Lifecycle } from '@trivium/serving';
import type { LocalModel, LocalModels } from '../catalogue/local-models.js';
import type { TextPlacementV1 } from '../catalogue/text-model.js';
import { decoderNotPreloaded, decoderWorkerChanged } from '../events.js';
import { LocalDecoder } from './local-decoder.js';
import { LocalPlacement } from './local-placement.js';

type Decoder = ResidentProgram<LocalDecoder>;

/** One variant of one version of a model, loaded or not. */
interface Held {
  readonly model: string;
  readonly version: string;
  readonly variant: Variant;
  /** That it is loaded with; another one needs another decoder. */
  readonly settings: string;
  readonly lifecycle: Lifecycle<Decoder>;
}

/** Until its files have been read. */
const USUAL_WINDOW = 2_048;
/** A worker's own memory, before any model: the runtime, the tokenizer, the grammars. */
const WORKER_BYTES = 160 * 1024 ** 2;

/** The repository's language models: which there are, and the decoder of each while it is loaded. */
export class LocalDecoders implements LocalModels, AsyncDisposable {
  /** As the list of models shows them; it follows the repository. */
  readonly programs = new Map<string, ProgramModel>();
  #held: Held[] = [];
  readonly #placements = new Map<string, LocalPlacement>();
  readonly #windows = new Map<string, number>();
  /** Ends of decoders that are not needed any more. */
  readonly #ending = new Set<Promise<void>>();
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
    const wanted = this.#models().filter(({ manifest }) => manifest.preload);
    await Promise.all(
      wanted.map(async ({ manifest: { id } }) => {
        try {
          const { lifecycle } = this.#chosen(id);
          await lifecycle.load();
          this.#noteWindow(id, lifecycle.resource);
        } catch (error) {
          decoderNotPreloaded({ model: id, error });
        }
      }),
    );
  }

  list(): readonly LocalModel[] {
    return this.#models().map(({ manifest: { id, description }, versions, bundled }) => ({
      id,
      ready: Object.keys(versions).length > 0,
      description,
      contextWindow: this.#windows.get(id) ?? USUAL_WINDOW,
      ownedBy: bundled ? 'trivium' : 'operator',
      bundled,
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
    await Promise.all([
      ...this.#ending,
      ...this.#held.map(({ lifecycle }) => lifecycle[Symbol.asyncDispose]()),
    ]);
  }

  async #lease(id: string, signal: AbortSignal): Promise<Lease<Decoder>> {
    const { model, lifecycle } = this.#chosen(id);
    const lease = await lifecycle.lease({ waitMs: this.loadWaitMs, signal });
    this.#noteWindow(model, lease.resource);
    return lease;
  }

  /** The version that serves, in the variant that was asked for or that its policy says. */
  #chosen(id: string): Held {
    const [model = id, variant] = id.split('@');
    const requested = variant === undefined ? undefined : Variant.safeParse(variant).data;
    if (variant !== undefined && requested === undefined) throw unknown(`There is no variant ${variant}.`);
    const { manifest, version, files } = this.#engine.versionOf(model, undefined);
    if (manifest.task !== 'generate') throw unknown(`${model} is no language model.`);
    const usual = this.#find(model, version, manifest.variant_policy.default);
    const choice = chooseVariant({
      model,
      requested,
      policy: manifest.variant_policy,
      available: Variant.options.filter((one) => variantFile(one, files) !== undefined),
      estimatedWaitMs: usual?.lifecycle.resource?.program.estimatedWaitMs() ?? 0,
    });
    return this.#decoder(model, version, choice.variant, files);
  }

  #decoder(model: string, version: string, variant: Variant, files: VersionFiles): Held {
    const known = this.#find(model, version, variant);
    if (known !== undefined) return known;
    const registered = this.#inference?.registry.models().get(model);
    if (this.#inference === undefined || registered === undefined)
      throw unknown(`There is no model ${model}.`);
    const lifecycle = programLifecycle(
      this.#inference.premises,
      { manifest: registered.manifest, version, variant, files },
      (bytes) => WORKER_BYTES + 2 * bytes,
      (program) => LocalDecoder.open(program, (event) => decoderWorkerChanged({ model, variant, ...event })),
    );
    lifecycle.keepAliveMs = keepAliveMs(registered);
    const held = { model, version, variant, settings: settingsOf(registered), lifecycle };
    this.#held.push(held);
    return held;
  }

  #find(model: string, version: string, variant: Variant): Held | undefined {
    return this.#held.find(
      (held) => held.model === model && held.version === version && held.variant === variant,
    );
  }

  /** Takes in what came, and ends the decoders of what is gone or has other settings now. */
  #follow(): void {
    const models = new Map(this.#models().map((registered) => [registered.manifest.id, registered]));
    for (const id of this.programs.keys()) if (!models.has(id)) this.programs.delete(id);
    for (const id of models.keys()) if (!this.programs.has(id)) this.programs.set(id, this.#programOf(id));
    for (const held of [...this.#held]) {
      const registered = models.get(held.model);
      if (registered?.versions[held.version] !== undefined && settingsOf(registered) === held.settings) {
        held.lifecycle.keepAliveMs = keepAliveMs(registered);
        continue;
      }
      this.#held = this.#held.filter((one) => one !== held);
      // Requests under way keep their leases; it ends after the last of them.
      const ended = held.lifecycle[Symbol.asyncDispose]().finally(() => this.#ending.delete(ended));
      this.#ending.add(ended);
    }
  }

  #programOf(id: string): ProgramModel {
    const own = (): Held[] => this.#held.filter(({ model }) => model === id);
    return {
      get ready() {
        return own().some(({ lifecycle }) => lifecycle.state === 'READY');
      },
      get reason() {
        const reason = own().find(({ lifecycle }) => lifecycle.reason !== '')?.lifecycle.reason;
        return reason ?? 'not loaded; the first request loads it';
      },
      get memoryBytes() {
        return own().reduce((sum, { lifecycle }) => sum + (lifecycle.resource?.program.memoryBytes ?? 0), 0);
      },
      load: async (version, variant) => {
        const { files } = this.#engine.versionOf(id, version);
        const { lifecycle } = this.#decoder(id, version, variant, files);
        await lifecycle.load();
        this.#noteWindow(id, lifecycle.resource);
      },
      unload: async (version, reason) => {
        const held = own().filter((one) => one.version === version);
        await Promise.all(held.map(({ lifecycle }) => lifecycle.unload(reason)));
      },
    };
  }

  #noteWindow(model: string, decoder: Decoder | undefined): void {
    if (decoder !== undefined) this.#windows.set(model, decoder.program.contextWindow);
  }

  get #engine(): Inference['engine'] {
    if (this.#inference === undefined) throw new DomainError('unavailable', 'The models are not open yet.');
    return this.#inference.engine;
  }

  #models(): RegisteredModel[] {
    return [...(this.#inference?.registry.models().values() ?? [])].filter(
      ({ manifest }) => manifest.task === 'generate' && manifest.platform === 'program',
    );
  }
}

function keepAliveMs({ pinned, manifest }: RegisteredModel): number {
  return pinned ? -1 : manifest.keep_alive_ms;
}

function unknown(message: string): DomainError {
  return new DomainError('model_not_found', message, { param: 'model' });
}
