import { join } from 'node:path';
import { DomainError } from '@trivium/contracts';
import {
  type InstanceGroup as InstanceSettings,
  type ModelManifest,
  type Variant,
  type VersionFiles,
  variantFile,
} from '@trivium/contracts/model-manifest';
import {
  checkTensors,
  openTensorModel,
  type TensorResult,
  type TensorTask,
  type WarmUpTiming,
  type Work,
} from '@trivium/onnx';
import {
  Batcher,
  type BatchEvent,
  type Completed,
  InstanceGroup,
  type ModelV1,
  type ReportLoad,
  type WorkerEvent,
} from '@trivium/serving';
import { injectTrace } from '@trivium/telemetry';
import { RemoteTensorModel } from '../remote/remote-tensor-model.js';
import type { Caller, TensorRequest } from './tensor-request.js';

type TensorWork = Work<TensorTask>;

/** One instance that was asked for: it starts, tells what it holds, and ends. */
interface StartedInstance extends ModelV1<TensorWork, TensorResult> {
  start(): Promise<void>;
  /** Of the model, its own metadata filled in; known once it has started. */
  readonly manifest: ModelManifest;
  readonly memoryBytes: number;
  /** Runs that were timed while it loaded; another server's are not known. */
  readonly warmUps?: readonly WarmUpTiming[];
}

interface VariantSource {
  readonly manifest: ModelManifest;
  readonly version: string;
  readonly variant: Variant;
  /** Where the version's files lie. */
  readonly folder: string;
  readonly files: VersionFiles;
  /** Names the worker processes in traces. */
  readonly service: string;
  /** Worker processes where the manifest does not say. */
  readonly workers: number | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

interface VariantEvents {
  readonly onBatch: (event: BatchEvent) => void;
  readonly onWorker: (event: WorkerEvent) => void;
  /** One of several instances does not start; the others serve. */
  readonly onInstanceFailed: (error: unknown) => void;
}

/** A variant of a version with its workers running and its queue open. */
export class LoadedVariant implements AsyncDisposable {
  readonly #batcher: Batcher<TensorWork, TensorResult>;
  readonly #instances: readonly StartedInstance[];
  readonly #released: Disposable[] = [];

  private constructor(
    /** With what the model's file says filled in. */
    readonly manifest: ModelManifest,
    instances: readonly [StartedInstance, ...StartedInstance[]],
    events: VariantEvents,
  ) {
    this.#instances = instances;
    const [first, ...others] = instances;
    const model = others.length === 0 ? first : new InstanceGroup([first, ...others]);
    this.#batcher = new Batcher(model, { ...queueOptions(manifest), onBatch: events.onBatch });
    for (const instance of instances) {
      for (const { items, length, ms } of instance.warmUps ?? []) {
        this.#batcher.observe({ items, longest: length, durationMs: ms }, instance.placement);
      }
    }
  }

  /** Throws the first instance's failure when none starts. */
  static async open(
    source: VariantSource,
    events: VariantEvents,
    report: ReportLoad,
  ): Promise<LoadedVariant> {
    report('starting', 0.5);
    const instances = source.manifest.instance_group.map((settings) =>
      openInstance(source, settings, events),
    );
    const starts = await Promise.allSettled(instances.map((instance) => instance.start()));
    const started = instances.filter((_, index) => starts[index]?.status === 'fulfilled');
    const failed = instances.filter((_, index) => starts[index]?.status === 'rejected');
    await Promise.all(failed.map((instance) => instance[Symbol.asyncDispose]()));
    const [first, ...others] = started;
    const failures = starts.flatMap((start) =>
      start.status === 'rejected' ? [start.reason as unknown] : [],
    );
    if (first === undefined) throw failures[0];
    for (const failure of failures) events.onInstanceFailed(failure);
    report('ready', 1);
    return new LoadedVariant(first.manifest, [first, ...others], events);
  }

  /** Resident memory of all its workers. */
  get memoryBytes(): number {
    return this.#instances.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0);
  }

  get waiting(): number {
    return this.#batcher.waiting;
  }

  estimatedWaitMs(): number {
    return this.#batcher.estimatedWaitMs();
  }

  /** Released when this ends. */
  own(resource: Disposable): void {
    this.#released.push(resource);
  }

  /** Throws `invalid_request` that names the tensor at fault. */
  check({ inputs, outputs, priorityLevel, queueTimeoutMs }: TensorRequest): void {
    checkTensors(this.manifest, inputs, outputs);
    const { priority_levels: levels, default_queue_policy: policy } = this.manifest.dynamic_batching;
    if (priorityLevel !== undefined && priorityLevel > levels) {
      throw new DomainError('invalid_request', `${this.manifest.id} has ${levels} priority levels`, {
        param: 'parameters.priority',
      });
    }
    if (queueTimeoutMs !== undefined && !policy.allow_timeout_override) {
      throw new DomainError('invalid_request', `${this.manifest.id} does not let requests set a timeout`, {
        param: 'parameters.timeout',
      });
    }
  }

  run(request: TensorRequest, caller: Caller, signal: AbortSignal): Promise<Completed<TensorResult>> {
    const { inputs, outputs, pooling, priorityLevel, queueTimeoutMs } = request;
    const trace: Record<string, string> = {};
    injectTrace((key, value) => {
      trace[key] = value;
    });
    const now = performance.now();
    return this.#batcher.run(
      {
        task: {
          inputs,
          ...(outputs === undefined ? {} : { outputs }),
          ...(pooling === undefined ? {} : { pooling }),
        },
        trace,
      },
      {
        signal,
        deadline: now + caller.remaining(),
        tenant: caller.tenant,
        priority: caller.priority,
        ...(priorityLevel === undefined ? {} : { priorityLevel }),
        ...(queueTimeoutMs === undefined ? {} : { queueTimeoutMs }),
      },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#batcher[Symbol.asyncDispose]();
    } finally {
      for (const resource of this.#released.splice(0)) resource[Symbol.dispose]();
    }
  }
}

function queueOptions({ dynamic_batching: batching }: ModelManifest) {
  const { default_queue_policy: policy } = batching;
  return {
    maxWaiting: policy.max_queue_size,
    maxQueueDelayMs: batching.max_queue_delay_microseconds / 1_000,
    priorityLevels: batching.priority_levels,
    defaultPriorityLevel: batching.default_priority_level,
    ...(policy.default_timeout_microseconds === 0
      ? {}
      : { defaultTimeoutMs: policy.default_timeout_microseconds / 1_000 }),
  };
}

function openInstance(
  { manifest, version, variant, folder, files, workers, service, environment }: VariantSource,
  group: InstanceSettings,
  { onWorker }: VariantEvents,
): StartedInstance {
  if (group.kind === 'KIND_REMOTE') {
    const key = group.key_variable === undefined ? undefined : environment[group.key_variable];
    return new RemoteTensorModel({ manifest, variant, group, ...(key === undefined ? {} : { key }) });
  }
  const file = variantFile(variant, files);
  if (file === undefined) {
    throw new DomainError(
      'model_not_available',
      `Version ${version} of ${manifest.id} has no ${variant} file`,
    );
  }
  return openTensorModel({
    modelId: manifest.id,
    version,
    variant,
    manifest,
    file: { path: join(folder, file.name), sha256: file.sha256 },
    group,
    service,
    onWorker,
    ...(workers === undefined ? {} : { workers }),
  });
}
