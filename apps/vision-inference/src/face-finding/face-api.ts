import type { ModelManifest } from '@trivium/contracts/model-manifest';
import { type ModelFile, OnnxModel, type Work } from '@trivium/onnx';
import {
  Batcher,
  type BatchEvent,
  type Completed,
  type RunOptions,
  type WorkerEvent,
} from '@trivium/serving';
import { injectTrace } from '@trivium/telemetry';
import type { FaceNet } from '../face-nets/derive-nets.js';
import type { FaceFinder, PictureOfFaces } from '../faces/face-finder.js';
import type { FacesProgramOptions } from './faces.program.js';
import type { FaceResult, FaceTask, FoundFaces } from './task.js';

export interface FaceApiOptions {
  readonly manifest: ModelManifest;
  readonly nets: Readonly<Record<FaceNet, ModelFile>>;
  readonly workers: number;
  readonly hangAfterMs: number;
  readonly maxWorkerMemoryBytes: number;
  readonly onBatch: (event: BatchEvent) => void;
  readonly onWorker: (event: WorkerEvent) => void;
}

/** A picture takes about as long as so many aligned faces. */
const PICTURE_COST = 16;
/** On one core a run costs the sum of its faces, so longer ones only make the others wait. */
const MAX_BATCH_ITEMS = 16;
const MAX_WAITING = 1_000;

/** face-api's networks on this machine's cores: the faces of all pictures in flight share runs. */
export class FaceApi implements FaceFinder {
  readonly modelId: string;
  readonly descriptorSha256: string;
  readonly variant = 'fp32';
  readonly placement = 'cpu';
  readonly #model: OnnxModel<FaceTask, FaceResult>;
  readonly #batcher: Batcher<Work<FaceTask>, FaceResult>;

  constructor({
    manifest,
    nets,
    workers,
    hangAfterMs,
    maxWorkerMemoryBytes,
    onBatch,
    onWorker,
  }: FaceApiOptions) {
    this.modelId = manifest.id;
    this.descriptorSha256 = nets.descriptor.sha256;
    const options: FacesProgramOptions = nets;
    this.#model = new OnnxModel({
      modelId: manifest.id,
      variant: this.variant,
      service: 'vision-inference',
      program: import.meta.resolve('./faces.program.js'),
      options,
      limits: { maxBatchItems: MAX_BATCH_ITEMS, maxBatchCost: MAX_BATCH_ITEMS, costUnit: 'items' },
      costOf: ({ kind }) => (kind === 'find' ? PICTURE_COST : 1),
      bucketOf: ({ kind }) => kind,
      workers,
      hangAfterMs,
      maxWorkerMemoryBytes,
      onWorker,
    });
    this.#batcher = new Batcher(this.#model, { maxWaiting: MAX_WAITING, onBatch });
  }

  start(): Promise<void> {
    return this.#model.start();
  }

  get ready(): boolean {
    return this.#model.ready;
  }

  get startFailure(): unknown {
    return this.#model.startFailure;
  }

  get memoryBytes(): number {
    return this.#model.memoryBytes;
  }

  estimatedWaitMs(): number {
    return this.#batcher.estimatedWaitMs();
  }

  async find(picture: PictureOfFaces, options: RunOptions): Promise<Completed<FoundFaces>> {
    const { output, execution } = await this.#run({ kind: 'find', ...picture }, options);
    if (output.kind !== 'find') throw new TypeError(`Expected faces, got ${output.kind}`);
    return { output, execution };
  }

  async describe(chip: Uint8Array, options: RunOptions): Promise<Completed<Float32Array>> {
    const { output, execution } = await this.#run({ kind: 'describe', chip }, options);
    if (output.kind !== 'describe') throw new TypeError(`Expected a description, got ${output.kind}`);
    return { output: output.values, execution };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#batcher[Symbol.asyncDispose]();
  }

  #run(task: FaceTask, options: RunOptions): Promise<Completed<FaceResult>> {
    const trace: Record<string, string> = {};
    injectTrace((key, value) => {
      trace[key] = value;
    });
    return this.#batcher.run({ task, trace }, options);
  }
}
