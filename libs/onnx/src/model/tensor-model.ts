import { availableParallelism } from 'node:os';
import { DomainError } from '@trivium/contracts';
import type { InstanceGroup, ModelManifest, Variant } from '@trivium/contracts/model-manifest';
import {
  type BatchLimits,
  type ModelV1,
  type Placement,
  Quarantine,
  type WorkerEvent,
} from '@trivium/serving';
import { gpuWatch } from '../device/gpu-watch.js';
import type { ModelFile } from '../program/program.js';
import { completeManifest } from '../tensor/complete-manifest.js';
import { isFillable } from '../tensor/fill.js';
import type { TensorFacts, TensorResult, TensorTask, WarmUpTiming } from '../tensor/tensor-task.js';
import type { TensorProgramOptions } from '../tensor/tensor.program.js';
import type { Work } from '../worker/protocol.js';
import { OnnxModel } from './onnx-model.js';

export interface TensorModelOptions {
  readonly modelId: string;
  readonly version: string;
  readonly variant: Variant;
  readonly manifest: ModelManifest;
  readonly file: ModelFile;
  /** Where it runs; a remote one is not this library's. */
  readonly group: Exclude<InstanceGroup, { kind: 'KIND_REMOTE' }>;
  /** Whose name the workers' traces and logs carry. */
  readonly service: string;
  /** Worker processes when the group does not say; default: one per core that this process may use. */
  readonly workers?: number | undefined;
  readonly onWorker?: ((event: WorkerEvent) => void) | undefined;
  /** Default: the one of this process, {@link quarantinedFiles}. */
  readonly quarantine?: Quarantine | undefined;
}

/** Files that crashed their workers; clear one when it is loaded because somebody asks for exactly that. */
export const quarantinedFiles = new Quarantine();

/** A model's file as a model that takes tensors, in worker processes that load, check and warm it. */
export function openTensorModel(options: TensorModelOptions): TensorModel {
  return new TensorModel(options);
}

export class TensorModel implements ModelV1<Work<TensorTask>, TensorResult> {
  readonly specification = 'model/v1';
  readonly modelId: string;
  readonly variant: string;
  readonly placement: Placement;
  readonly limits: BatchLimits;
  readonly #model: OnnxModel<TensorTask, TensorResult>;
  readonly #gpu: Disposable | undefined;
  #manifest: ModelManifest;
  #facts: TensorFacts | undefined;
  #padded = false;

  constructor(options: TensorModelOptions) {
    const { manifest, group, file, workers = availableParallelism() } = options;
    this.modelId = options.modelId;
    this.variant = options.variant;
    this.placement = group.kind === 'KIND_GPU' ? 'cuda' : 'cpu';
    this.#manifest = manifest;
    const program: TensorProgramOptions = { file, manifest, place: placeOf(manifest, group, 0) };
    this.#model = new OnnxModel({
      modelId: options.modelId,
      variant: options.variant,
      placement: this.placement,
      service: options.service,
      program: import.meta.resolve('../tensor/tensor.program.js'),
      options: program,
      optionsOf: (slot): TensorProgramOptions => ({ ...program, place: placeOf(manifest, group, slot) }),
      limits: {
        maxBatchItems: Math.max(1, manifest.max_batch_size),
        maxBatchCost: manifest.dynamic_batching.cost.max_batch_cost,
        costUnit: manifest.dynamic_batching.cost.unit,
      },
      costOf: (task) => this.#costOf(task),
      bucketOf: (task) => this.#bucketOf(task),
      itemsOf: (task) => this.#itemsOf(task),
      workers: group.kind === 'KIND_GPU' ? group.count * group.gpus.length : (group.count ?? workers),
      hangAfterMs: manifest.hang_after_ms,
      maxWorkerMemoryBytes: manifest.max_worker_memory_mb * 1024 ** 2,
      onWorker: options.onWorker,
      quarantine: { files: options.quarantine ?? quarantinedFiles, sha256: file.sha256 },
    });
    this.limits = this.#model.limits;
    this.#gpu = this.placement === 'cuda' ? gpuWatch.use() : undefined;
  }

  /** Resolves when every worker has loaded and warmed up; `model_not_available` says why it does not. */
  async start(): Promise<void> {
    await this.#model.start();
    this.#facts = this.#model.facts as TensorFacts | undefined;
    if (this.#facts === undefined)
      throw new TypeError('The workers are ready and told nothing of their model');
    this.#manifest = completeManifest(this.#manifest, this.#facts);
    this.#padded = canBePadded(this.#manifest, this.#facts);
  }

  /** With what the file says filled in, once it has started. */
  get manifest(): ModelManifest {
    return this.#manifest;
  }

  /** Of all workers together. */
  get memoryBytes(): number {
    return this.#model.memoryBytes;
  }

  /** Measured while it loaded. */
  get warmUps(): readonly WarmUpTiming[] {
    return this.#facts?.warmUps ?? [];
  }

  get workerPids(): readonly number[] {
    return this.#model.workerPids;
  }

  get ready(): boolean {
    return this.#model.ready;
  }

  costOf({ task }: Work<TensorTask>): number {
    return this.#costOf(task);
  }

  bucketOf({ task }: Work<TensorTask>): string {
    return this.#bucketOf(task);
  }

  itemsOf({ task }: Work<TensorTask>): number {
    return this.#itemsOf(task);
  }

  doRun(batch: readonly Work<TensorTask>[], signal: AbortSignal): Promise<readonly TensorResult[]> {
    return this.#model.doRun(batch, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#gpu?.[Symbol.dispose]();
    await this.#model[Symbol.asyncDispose]();
  }

  /** Elements per item of the cost input. */
  #costOf({ inputs }: TensorTask): number {
    const { input } = this.#manifest.dynamic_batching.cost;
    const tensor = inputs.find(({ name }) => name === input);
    if (tensor === undefined) return 1;
    const sides = this.#manifest.max_batch_size > 0 ? tensor.shape.slice(1) : tensor.shape;
    return Math.max(
      1,
      sides.reduce((product, side) => product * side, 1),
    );
  }

  #itemsOf({ inputs }: TensorTask): number {
    return this.#manifest.max_batch_size > 0 ? (inputs[0]?.shape[0] ?? 1) : 1;
  }

  /** Equal shapes share a run; with padding, those between the same two shape buckets. */
  #bucketOf(task: TensorTask): string {
    if (!this.#padded) {
      return task.inputs.map(({ name, shape }) => `${name}:${shape.slice(1).join('x')}`).join(' ');
    }
    const { shape_buckets: buckets } = this.#manifest.dynamic_batching;
    const cost = this.#costOf(task);
    return String(buckets.find((length) => cost <= length) ?? 'any');
  }
}

/**
 * Whether members of different lengths may share a run: every input that varies states what to fill it
 * up with, and every output that varies can be cut back, because its side bears an input's symbol.
 */
function canBePadded(manifest: ModelManifest, { inputs, outputs }: TensorFacts): boolean {
  if (manifest.max_batch_size === 0 || manifest.dynamic_batching.cost.input === undefined) return false;
  const varying = manifest.input.filter(({ dims }) => dims.includes(-1));
  if (varying.length === 0) return false;
  varying.forEach(({ name, data_type: datatype, padding_value: value }, index) => {
    if (value !== undefined && !isFillable(datatype)) {
      throw new DomainError(
        'model_not_available',
        `model.yaml, input[${index}].padding_value: '${name}' is ${datatype}`,
        {
          param: `input[${index}].padding_value`,
        },
      );
    }
  });
  if (varying.some(({ padding_value: value }) => value === undefined)) return false;
  const symbols = new Set(
    inputs.flatMap(({ sides }) => sides.slice(1)).filter((side) => typeof side === 'string'),
  );
  return outputs.every(({ sides }) =>
    sides.slice(1).every((side) => typeof side === 'number' || (side !== '' && symbols.has(side))),
  );
}

/** Workers on GPUs take turns on the devices that the group names. */
function placeOf(
  manifest: ModelManifest,
  group: TensorModelOptions['group'],
  slot: number,
): TensorProgramOptions['place'] {
  const fixedShapes = manifest.max_batch_size <= 1 && manifest.input.every(({ dims }) => !dims.includes(-1));
  if (group.kind === 'KIND_CPU')
    return { threads: group.threads, fixedShapes: fixedShapes && manifest.input.length > 0 };
  const device = group.gpus[slot % group.gpus.length] ?? 0;
  return { threads: 1, fixedShapes: false, cuda: { device } };
}
