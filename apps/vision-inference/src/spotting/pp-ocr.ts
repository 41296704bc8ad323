import type { ModelManifest } from '@trivium/contracts/model-manifest';
import { type Attachment, OnnxModel, type TraceCarrier, type Work } from '@trivium/onnx';
import {
  Batcher,
  type BatchEvent,
  type Completed,
  type RunOptions,
  type WorkerEvent,
} from '@trivium/serving';
import { injectTrace } from '@trivium/telemetry';
import type { SpottedPage, TextSpotter } from '../reading/text-spotter.js';
import { modelFile } from './model-files.js';
import type { OcrProgramOptions } from './ocr.program.js';
import { paddedColumns } from './recognition.js';
import type { DetectedPage, LinePlace, OcrResult, OcrTask, RecognisedLine } from './task.js';

export interface PpOcrOptions {
  readonly manifest: ModelManifest;
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
const MAX_COLUMNS = 1600;
const MAX_LINES = 24;
/** Lines whose columns fall between the same two of these may share a run. */
const LENGTH_BUCKETS = [64, 96, 144, 216, 324, 486, 729, 1094, 1640, Number.POSITIVE_INFINITY];
/** Decoded pages that a worker keeps: about a hundred photos of a sheet. */
const MAX_PAGE_BYTES = 384 * 1024 ** 2;
const MAX_WAITING = 20_000;

/** PP-OCRv4 on this machine's cores: the lines of all pages in flight share runs. */
export class PpOcr implements TextSpotter {
  readonly modelId: string;
  readonly variant = 'fp32';
  readonly placement = 'cpu';
  readonly #model: OnnxModel<OcrTask, OcrResult>;
  #nextPage = 1;
  readonly #batcher: Batcher<Work<OcrTask>, OcrResult>;

  constructor({
    manifest,
    detectionSide,
    workers,
    hangAfterMs,
    maxWorkerMemoryBytes,
    onBatch,
    onWorker,
  }: PpOcrOptions) {
    this.modelId = manifest.id;
    const options: OcrProgramOptions = {
      detection: modelFile(manifest, 'detection'),
      recognition: modelFile(manifest, 'recognition'),
      orientation: modelFile(manifest, 'orientation'),
      dictionary: modelFile(manifest, 'dictionary'),
      detectionSide,
      maxPageBytes: MAX_PAGE_BYTES,
    };
    this.#model = new OnnxModel({
      modelId: manifest.id,
      variant: this.variant,
      service: 'vision-inference',
      program: import.meta.resolve('./ocr.program.js'),
      options,
      limits: { maxBatchItems: MAX_LINES, maxBatchCost: MAX_COLUMNS, costUnit: 'columns' },
      costOf: (task) => (task.kind === 'detect' ? DETECTION_COLUMNS : paddedColumns(task.columns)),
      bucketOf: (task) => (task.kind === 'detect' ? 'detect' : `recognise-${bucketOf(task.columns)}`),
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

  get memoryBytes(): number {
    return this.#model.memoryBytes;
  }

  estimatedWaitMs(): number {
    return this.#batcher.estimatedWaitMs();
  }

  open(image: Uint8Array, path: string | undefined, options: RunOptions): SpottedPage {
    const page = `page-${this.#nextPage++}`;
    const attachment: Attachment = { id: page, bytes: image };
    const run = (task: OcrTask): Promise<Completed<OcrResult>> =>
      this.#batcher.run({ task, trace: currentTrace(), attachment }, options);
    return {
      async detect(): Promise<Completed<DetectedPage>> {
        const { output, execution } = await run({ kind: 'detect', page, path });
        if (output.kind !== 'detect') throw new TypeError(`Expected a page, got ${output.kind}`);
        return { output, execution };
      },
      async recognise({ corners, columns }: LinePlace): Promise<Completed<RecognisedLine>> {
        const { output, execution } = await run({ kind: 'recognise', page, corners, columns });
        if (output.kind !== 'recognise') throw new TypeError(`Expected a line, got ${output.kind}`);
        return { output, execution };
      },
      [Symbol.dispose]: () => this.#model.release(page),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#batcher[Symbol.asyncDispose]();
  }
}

function bucketOf(columns: number): number {
  return LENGTH_BUCKETS.find((limit) => columns <= limit) ?? Number.POSITIVE_INFINITY;
}

function currentTrace(): TraceCarrier {
  const carrier: Record<string, string> = {};
  injectTrace((key, value) => {
    carrier[key] = value;
  });
  return carrier;
}
