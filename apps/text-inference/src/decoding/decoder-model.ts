import { DomainError } from '@trivium/contracts';
import { OnnxModel, quarantinedFiles } from '@trivium/onnx';
import {
  type SequenceLimits,
  type SequenceModelV1,
  type SequenceTurn,
  type StepOutput,
  type WorkerEvent,
  WorkerLost,
} from '@trivium/serving';
import { decoderStepped } from '../events.js';
import { placeSize } from './cache-plan.js';
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
  readonly hangAfterMs: number;
  readonly maxWorkerMemoryBytes: number;
  readonly onWorker: (event: WorkerEvent) => void;
}

/** Sequences of one step. */
const MOST_SEQUENCES = 16;

/** A decoder in its worker process: each step crosses the pipe once, with token ids and text, never with logits. */
export class DecoderModel implements SequenceModelV1<SequenceStart, StepPiece> {
  readonly specification = 'sequence-model/v1';
  readonly modelId: string;
  readonly variant: string;
  readonly placement = 'cpu';
  readonly #worker: OnnxModel<StepTask, StepResult>;
  #released: number[] = [];
  #tidying: Promise<void> = Promise.resolve();
  /** Of the first worker; one that replaces it is the same. */
  #facts: DecoderFacts | undefined;

  constructor({ modelId, variant, program, ...options }: DecoderModelOptions) {
    this.modelId = modelId;
    this.variant = variant;
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
    this.#facts ??= this.#worker.facts as DecoderFacts | undefined;
    if (this.#facts === undefined) throw new RangeError(`${this.modelId} has not started`);
    return this.#facts;
  }

  /** Known once it has started. */
  get limits(): SequenceLimits {
    return {
      maxSequences: MOST_SEQUENCES,
      maxCost: this.facts.plan.livePositions,
      costUnit: 'tokens',
    };
  }

  /** The place that is set aside for all that it may write. */
  costOf({ prompt, maxTokens }: SequenceStart): number {
    return placeSize(prompt.length + maxTokens, this.facts.plan.contextWindow);
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
        case 'unknown':
          return { kind: 'failed', error: new WorkerLost('exited', 'replaced between two steps') };
        case 'failed': {
          const { code, message, param } = answer;
          return { kind: 'failed', error: new DomainError(code, `${this.modelId}: ${message}`, { param }) };
        }
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
