import { OnnxModel, type TraceCarrier, type TracedTask } from '@trivium/onnx';
import {
  Batcher,
  type BatchEvent,
  type Completed,
  type ModelCard,
  type RunOptions,
  type WorkerEvent,
} from '@trivium/serving';
import { injectTrace } from '@trivium/telemetry';
import type { TextSpotter } from '../reading/text-spotter.js';
import { modelFile } from './model-files.js';
import type { OcrProgramOptions } from './ocr.program.js';
import { paddedWidth } from './recognition.js';
import type { DetectedPage, OcrResult, OcrTask, Raster, RecognisedLine } from './task.js';

export interface PpOcrOptions {
  readonly card: ModelCard;
  readonly detectionSide: number;
  readonly workers?: number | undefined;
  readonly hangAfterMs?: number | undefined;
  readonly maxWorkerMemoryBytes?: number | undefined;
  readonly onBatch?: (event: BatchEvent) => void;
  readonly onWorker?: (event: WorkerEvent) => void;
}

/** A detection takes about as long as the recognition of so many columns. */
const DETECTION_COLUMNS = 2000;
/**
 * Columns of one recognition run. On a core the cost is the sum of the columns, however many lines share
 * the run, so runs are kept short: the lines of a single page spread evenly over all workers.
 */
const MAX_COLUMNS = 800;
const MAX_LINES = 16;
/** Lines whose widths fall into one of these share a run. */
const WIDTH_BUCKETS = [64, 128, 192, 256, 384, 512, 768, 1024, 1600, Number.POSITIVE_INFINITY];
const MAX_WAITING = 20_000;

/** PP-OCRv4 on this machine's cores: the lines of all pages in flight share runs. */
export class PpOcr implements TextSpotter, AsyncDisposable {
  readonly modelId: string;
  readonly variant = 'fp32';
  readonly placement = 'cpu';
  readonly #model: OnnxModel<OcrTask, OcrResult>;
  readonly #batcher: Batcher<TracedTask<OcrTask>, OcrResult>;

  constructor({
    card,
    detectionSide,
    workers,
    hangAfterMs,
    maxWorkerMemoryBytes,
    onBatch,
    onWorker,
  }: PpOcrOptions) {
    this.modelId = card.id;
    const options: OcrProgramOptions = {
      detection: modelFile(card, 'detection'),
      recognition: modelFile(card, 'recognition'),
      orientation: modelFile(card, 'orientation'),
      dictionary: modelFile(card, 'dictionary'),
      detectionSide,
    };
    this.#model = new OnnxModel({
      modelId: card.id,
      variant: this.variant,
      program: import.meta.resolve('./ocr.program.js'),
      options,
      limits: { maxBatchItems: MAX_LINES, maxBatchCost: MAX_COLUMNS, costUnit: 'columns' },
      costOf: (task) => (task.kind === 'detect' ? DETECTION_COLUMNS : paddedWidth(task.crop.width)),
      bucketOf: (task) => (task.kind === 'detect' ? 'detect' : `recognise-${bucketOf(task.crop.width)}`),
      workers,
      hangAfterMs,
      maxWorkerMemoryBytes,
      onWorker,
    });
    this.#batcher = new Batcher(this.#model, {
      maxWaiting: MAX_WAITING,
      ...(onBatch === undefined ? {} : { onBatch }),
    });
  }

  /** Resolves when every worker has loaded the models and read a blank page. */
  start(): Promise<void> {
    return this.#model.start();
  }

  get ready(): boolean {
    return this.#model.ready;
  }

  get startFailure(): unknown {
    return this.#model.startFailure;
  }

  /** Milliseconds of work that wait already. */
  estimatedWaitMs(): number {
    return this.#batcher.estimatedWaitMs();
  }

  async detect(
    image: Uint8Array,
    path: string | undefined,
    options: RunOptions,
  ): Promise<Completed<DetectedPage>> {
    const { output, execution } = await this.#run({ kind: 'detect', image, path }, options);
    if (output.kind !== 'detect') throw new TypeError(`Expected a page, got ${output.kind}`);
    return { output, execution };
  }

  async recognise({ width, height, data }: Raster, options: RunOptions): Promise<Completed<RecognisedLine>> {
    const { output, execution } = await this.#run(
      { kind: 'recognise', crop: { width, height, data } },
      options,
    );
    if (output.kind !== 'recognise') throw new TypeError(`Expected a line, got ${output.kind}`);
    return { output, execution };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#batcher[Symbol.asyncDispose]();
  }

  #run(task: OcrTask, options: RunOptions): Promise<Completed<OcrResult>> {
    return this.#batcher.run({ task, trace: currentTrace() }, options);
  }
}

function bucketOf(width: number): number {
  return WIDTH_BUCKETS.find((limit) => width <= limit) ?? Number.POSITIVE_INFINITY;
}

function currentTrace(): TraceCarrier {
  const carrier: Record<string, string> = {};
  injectTrace((key, value) => {
    carrier[key] = value;
  });
  return carrier;
}
