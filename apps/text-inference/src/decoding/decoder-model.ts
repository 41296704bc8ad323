import { DomainError } from '@trivium/contracts';
import { OnnxModel, quarantinedFiles } from '@trivium/onnx';
import type {
  SequenceLimits,
  SequenceModelV1,
  SequenceTurn,
  StepOutput,
  WorkerEvent,
} from '@trivium/serving';
import { decoderStepped } from '../events.js';
import type {
  DecoderFacts,
  DecoderOptions,
  SequenceStart,
  StepPiece,
  StepResult,
  StepTask,
} from './decoder-task.js';

export interface DecoderModelOptions {
  readonly modelId: string;
  readonly variant: string;
  readonly program: DecoderOptions;
  readonly limits: SequenceLimits;
  readonly hangAfterMs: number;
  readonly maxWorkerMemoryBytes: number;
  readonly onWorker: (event: WorkerEvent) => void;
}

/** A decoder in its worker process: each step crosses the pipe once, with token ids and text, never with logits. */
export class DecoderModel implements SequenceModelV1<SequenceStart, StepPiece> {
  readonly specification = 'sequence-model/v1';
  readonly modelId: string;
  readonly variant: string;
  readonly placement = 'cpu';
  readonly limits: SequenceLimits;
  readonly #worker: OnnxModel<StepTask, StepResult>;
  #released: number[] = [];
  #tidying: Promise<void> = Promise.resolve();

  constructor({ modelId, variant, program, limits, ...options }: DecoderModelOptions) {
    this.modelId = modelId;
    this.variant = variant;
    this.limits = limits;
    this.#worker = new OnnxModel({
      modelId,
      variant,
      service: 'text-inference',
      program: import.meta.resolve('./decoder.program.js'),
      options: program,
      // A sequence lives in one process, and its steps come one after the other.
      workers: 1,
      limits: { maxBatchItems: 1, maxBatchCost: 1, costUnit: 'items' },
      costOf: () => 1,
      bucketOf: () => '',
      hangAfterMs: options.hangAfterMs,
      maxWorkerMemoryBytes: options.maxWorkerMemoryBytes,
      onWorker: options.onWorker,
      quarantine: { files: quarantinedFiles, sha256: program.model.sha256 },
    });
  }

  start(): Promise<void> {
    return this.#worker.start();
  }

  get ready(): boolean {
    return this.#worker.ready;
  }

  get memoryBytes(): number {
    return this.#worker.memoryBytes;
  }

  get workerPids(): readonly number[] {
    return this.#worker.workerPids;
  }

  /** Known once it has started. */
  get facts(): DecoderFacts {
    return this.#worker.facts as DecoderFacts;
  }

  costOf({ prompt, maxTokens }: SequenceStart): number {
    return prompt.length + maxTokens;
  }

  async doStep(
    batch: readonly SequenceTurn<SequenceStart>[],
    signal: AbortSignal,
  ): Promise<readonly StepOutput<StepPiece>[]> {
    const turns = batch.map(({ id, input, step }) => (step === 0 ? { id, start: input } : { id }));
    const { answers, ...figures } = await this.#send(turns, signal);
    decoderStepped({ model: this.modelId, sequences: batch.length, ...figures });
    return answers.map((answer) => {
      switch (answer.kind) {
        case 'prefilling':
          return { kind: 'running', pieces: [] };
        case 'piece':
          return { kind: answer.piece.end === undefined ? 'running' : 'done', pieces: [answer.piece] };
        case 'failed':
          return { kind: 'failed', error: new DomainError('internal', `${this.modelId}: ${answer.message}`) };
      }
    });
  }

  /** Told with the next step; at once when no step comes, so that nothing is kept for those who left. */
  release(id: number): void {
    this.#released.push(id);
    this.#tidying = this.#tidying.then(async () => {
      if (this.#released.length === 0) return;
      try {
        await this.#send([], new AbortController().signal);
      } catch {
        // A lost worker has lost its sequences with it.
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tidying;
    await this.#worker[Symbol.asyncDispose]();
  }

  async #send(turns: StepTask['turns'], signal: AbortSignal): Promise<StepResult> {
    const released = this.#released;
    this.#released = [];
    const [result] = await this.#worker.doRun([{ task: { turns, released }, trace: {} }], signal);
    if (result === undefined) throw new RangeError('A step came back without its result');
    return result;
  }
}
