import { DomainError } from '@trivium/contracts';
import type { ModelState, VersionSummary } from '@trivium/contracts/inference';
import {
  type ModelManifest,
  Variant,
  variantFile,
  type VersionFiles,
} from '@trivium/contracts/model-manifest';
import { estimateWorkerBytes } from '@trivium/onnx';
import {
  type BatchEvent,
  chooseVariant,
  type Gate,
  Lifecycle,
  type LoadPace,
  type ReportLoad,
  type Residency,
  StatisticsRecorder,
} from '@trivium/serving';
import { batchFinished, modelFailed, modelLoaded, modelUnloaded, workerChanged } from './events.js';
import { LoadedVariant } from './loaded-variant.js';
import type { ModelRegistry } from '../registry/model-registry.js';

/** A model that a program of the service runs: it has a door of its own. */
export interface ProgramModel {
  readonly ready: boolean;
  /** Why it is not ready. */
  readonly reason: string;
  readonly memoryBytes: number;
  /** Absent: it is loaded with the service and stays. */
  readonly load?: ((version: string, variant: Variant) => Promise<void>) | undefined;
  readonly unload?: ((version: string, reason: string) => Promise<void>) | undefined;
}

/** What all versions of all models of a process share. */
export interface Premises {
  readonly service: string;
  readonly repository: Pick<ModelRegistry, 'materialise'>;
  readonly residency: Residency;
  readonly loads: Gate;
  readonly pace: LoadPace;
  readonly workers: number | undefined;
  /** Workers of a model that says nothing itself. */
  readonly defaultWorkers: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** By model. */
  readonly programs: ReadonlyMap<string, ProgramModel>;
}

/** Share of a load that fetching the files is, where they are not in the folder yet. */
const FETCHED = 0.5;

/** One version of a model: its variants, loaded or not, and what it did. */
export class ServedVersion implements AsyncDisposable {
  readonly statistics: StatisticsRecorder;
  readonly #variants = new Map<Variant, Lifecycle<LoadedVariant>>();
  #lastVariant: Variant | undefined;
  #completed: ModelManifest | undefined;

  constructor(
    readonly version: string,
    readonly files: VersionFiles,
    readonly createdAt: number,
    private readonly manifest: () => ModelManifest,
    private readonly keepAliveMs: () => number,
    private readonly premises: Premises,
  ) {
    this.statistics = new StatisticsRecorder({
      model: manifest().id,
      version,
      pending: () => this.#loaded().reduce((sum, { waiting }) => sum + waiting, 0),
    });
  }

  /** Those that it has files for; a model that only runs elsewhere has the one that it is. */
  get variants(): readonly Variant[] {
    const own = Variant.options.filter((variant) => variantFile(variant, this.files) !== undefined);
    return own.length > 0 ? own : [this.manifest().variant_policy.default];
  }

  /** The manifest with the inputs and outputs that its file states; known once it was loaded. */
  get completed(): ModelManifest | undefined {
    return this.#completed;
  }

  get ready(): boolean {
    return this.state === 'READY';
  }

  get failed(): boolean {
    return [...this.#variants.values()].some(({ failed }) => failed);
  }

  /** Of the variant that is furthest. */
  get state(): ModelState {
    const program = this.#program;
    if (program !== undefined) return program.ready ? 'READY' : 'UNAVAILABLE';
    const states = [...this.#variants.values()].map(({ state }) => state);
    return ORDER.find((state) => states.includes(state)) ?? 'UNAVAILABLE';
  }

  chooseVariant(requested: Variant | undefined): Variant {
    const policy = this.manifest().variant_policy;
    const usual = this.#variants.get(policy.default)?.resource;
    const { variant, by } = chooseVariant({
      model: this.manifest().id,
      requested,
      policy,
      available: this.variants,
      estimatedWaitMs: usual?.estimatedWaitMs() ?? 0,
      ...(this.#lastVariant === undefined ? {} : { current: this.#lastVariant }),
    });
    if (by !== 'request') this.#lastVariant = variant;
    return variant;
  }

  /** SHA-256 of the variant's file: what an answer of it depends on. */
  digestOf(variant: Variant): string {
    return variantFile(variant, this.files)?.sha256 ?? `remote ${this.manifest().id}`;
  }

  lifecycle(variant: Variant): Lifecycle<LoadedVariant> {
    if (this.manifest().platform === 'program') throw ownDoor(this.manifest());
    const known = this.#variants.get(variant);
    if (known !== undefined) return known;
    const lifecycle: Lifecycle<LoadedVariant> = new Lifecycle({
      name: `${this.manifest().id}@${variant} version ${this.version}`,
      bytes: this.#bytesOf(variant),
      pace: this.premises.pace,
      keepAliveMs: this.keepAliveMs(),
      open: (report, signal) => this.#open(variant, lifecycle, report, signal),
      onChange: ({ state, reason, loadMs }) => {
        const labels = { model: this.manifest().id, version: this.version, variant };
        if (state === 'READY' && loadMs !== undefined) {
          modelLoaded({ ...labels, durationMs: loadMs, memoryBytes: lifecycle.resource?.memoryBytes ?? 0 });
        }
        if (state === 'UNAVAILABLE') modelUnloaded({ ...labels, reason });
      },
    });
    this.#variants.set(variant, lifecycle);
    return lifecycle;
  }

  async load(variant: Variant): Promise<void> {
    const program = this.#program;
    if (program?.load !== undefined) await program.load(this.version, variant);
    else await this.lifecycle(variant).load();
  }

  /** Loads anew what is loaded, the old one serving meanwhile: its settings have changed. */
  async reload(): Promise<void> {
    for (const lifecycle of this.#variants.values()) {
      lifecycle.keepAliveMs = this.keepAliveMs();
      if (lifecycle.state === 'READY') await lifecycle.reload();
    }
  }

  keepAliveChanged(): void {
    for (const lifecycle of this.#variants.values()) {
      lifecycle.keepAliveMs = this.keepAliveMs();
    }
  }

  async unload(reason: string): Promise<void> {
    await this.#program?.unload?.(this.version, reason);
    await Promise.all([...this.#variants.values()].map((lifecycle) => lifecycle.unload(reason)));
  }

  summary(): VersionSummary {
    const program = this.#program;
    const lifecycles = [...this.#variants.values()];
    const loading = lifecycles.map((lifecycle) => lifecycle.loading).find((one) => one !== undefined);
    const reason = lifecycles.map((lifecycle) => lifecycle.reason).find((one) => one !== '');
    return {
      version: this.version,
      state: this.state,
      reason: this.ready ? '' : (program?.reason ?? reason ?? 'not loaded; the first request loads it'),
      ...(loading === undefined ? {} : { loading }),
      variants: this.variants.map((variant) => ({
        variant,
        bytes: this.#bytesOf(variant),
        ready: program?.ready ?? this.#variants.get(variant)?.state === 'READY',
      })),
      memoryBytes:
        program?.memoryBytes ?? this.#loaded().reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
      estimatedBytes: this.#estimate(this.variants[0] ?? 'fp32'),
      createdAt: this.createdAt,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#variants.values()].map((lifecycle) => lifecycle[Symbol.asyncDispose]()));
  }

  get #program(): ProgramModel | undefined {
    const { platform, id } = this.manifest();
    if (platform !== 'program') return undefined;
    return this.premises.programs.get(id) ?? NO_PROGRAM;
  }

  #loaded(): LoadedVariant[] {
    return [...this.#variants.values()].flatMap(({ resource }) => (resource === undefined ? [] : [resource]));
  }

  async #open(
    variant: Variant,
    lifecycle: Lifecycle<LoadedVariant>,
    report: ReportLoad,
    signal: AbortSignal,
  ): Promise<LoadedVariant> {
    report('queued', 0);
    using _place = await this.premises.loads.enter(signal);
    const reservation = await this.premises.residency.reserve(lifecycle, this.#estimate(variant), signal);
    try {
      const loaded = await this.#load(variant, report, signal);
      reservation.loaded(loaded.memoryBytes);
      this.#completed = loaded.manifest;
      loaded.own(reservation);
      return loaded;
    } catch (error) {
      reservation[Symbol.dispose]();
      modelFailed({ model: this.manifest().id, version: this.version, variant, error });
      throw error;
    }
  }

  async #load(variant: Variant, report: ReportLoad, signal: AbortSignal): Promise<LoadedVariant> {
    const { repository, service, workers, environment } = this.premises;
    const manifest = this.manifest();
    report('fetching', 0);
    const folder = await repository.materialise(manifest.id, this.version, {
      progress: (share) => report('fetching', share * FETCHED),
      signal,
    });
    const labels = { model: manifest.id, version: this.version, variant };
    const source = { manifest, version: this.version, variant, folder, files: this.files };
    return LoadedVariant.open(
      { ...source, service, workers, environment },
      {
        onBatch: (event) => this.#ran(event),
        onWorker: (event) => workerChanged(labels, event),
        onInstanceFailed: (error) => modelFailed({ ...labels, error }),
      },
      report,
    );
  }

  #ran(event: BatchEvent): void {
    batchFinished(this.version, event);
    this.statistics.executed({
      batchSize: event.items,
      computeInferMs: event.computeMs,
      releaseReason: event.reason,
    });
    this.statistics.wasted(event.wastedMs);
  }

  #bytesOf(variant: Variant): number {
    return variantFile(variant, this.files)?.bytes ?? 0;
  }

  #estimate(variant: Variant): number {
    const groups = this.manifest().instance_group;
    const processes = groups.reduce((sum, group) => {
      if (group.kind === 'KIND_REMOTE') return sum;
      if (group.kind === 'KIND_GPU') return sum + group.count * group.gpus.length;
      return sum + (group.count ?? this.premises.defaultWorkers);
    }, 0);
    return processes * estimateWorkerBytes(this.#bytesOf(variant));
  }
}

const NO_PROGRAM: ProgramModel = {
  ready: false,
  reason: 'no program of this service runs it',
  memoryBytes: 0,
};

function ownDoor({ id, task }: ModelManifest): DomainError {
  return new DomainError(
    'invalid_request',
    `${id} does '${task}' behind an endpoint of its own; it takes no tensors`,
    { param: 'model' },
  );
}

const ORDER = ['READY', 'UNLOADING', 'LOADING', 'UNAVAILABLE'] as const satisfies readonly ModelState[];
