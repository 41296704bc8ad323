import type { Placement } from '../model/model.js';

export interface SequenceLimits {
  /** Sequences of one step. */
  readonly maxSequences: number;
  /** Of all sequences that hold state, those that pause included; such as places in the key-value cache. */
  readonly maxCost: number;
  readonly costUnit: 'tokens' | 'samples' | 'items';
}

/** A sequence's part in a step. */
export interface SequenceTurn<Input> {
  /** The same in every step of the sequence; the model keeps its state under it. */
  readonly id: number;
  readonly input: Input;
  /** Steps that it has taken since it began; at 0 the model takes in the input, once more after a lost worker. */
  readonly step: number;
}

/** What a step made of one sequence. */
export type StepOutput<Piece> =
  | { readonly kind: 'running'; readonly pieces: readonly Piece[] }
  | { readonly kind: 'done'; readonly pieces: readonly Piece[] }
  /** Ends this sequence and no other; with `WorkerLost`, one that has shown nothing begins anew, once. */
  | { readonly kind: 'failed'; readonly error: unknown };

/** A model that advances many sequences step by step, such as a language model that writes tokens. */
export interface SequenceModelV1<Input, Piece> extends AsyncDisposable {
  readonly specification: 'sequence-model/v1';
  readonly modelId: string;
  readonly variant: string;
  readonly placement: Placement;
  readonly limits: SequenceLimits;

  /** The most that the sequence will hold: tokens of the prompt and those that it may write. */
  costOf(input: Input): number;

  /** Advances each of the batch by one step, in its order. `do` marks the call that the batcher owns. */
  doStep(batch: readonly SequenceTurn<Input>[], signal: AbortSignal): Promise<readonly StepOutput<Piece>[]>;

  /** The sequence takes no further step; what is kept for it may go. */
  release(id: number): void;
}
