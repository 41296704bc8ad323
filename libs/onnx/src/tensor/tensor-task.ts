import type { Datatype, Tensor } from '@trivium/contracts/tensor';

/** How the states of a text's tokens become one vector; names and meaning are those of sentence-transformers. */
export interface TokenPooling {
  /** Output of shape [items, tokens, width]. */
  readonly output: string;
  /** INT64 input of shape [items, tokens] that is 0 where there is padding; without it every token counts. */
  readonly mask: string;
  readonly mode: 'mean' | 'cls' | 'max' | 'last';
}

/** One request's tensors, raw. With a batch side every input has the same number of items. */
export interface TensorTask {
  readonly inputs: readonly Tensor[];
  /** Names; absent: all. */
  readonly outputs?: readonly string[] | undefined;
  /** Answers one vector per item, of shape [items, width], in place of that output. */
  readonly pooling?: TokenPooling | undefined;
}

export interface TensorResult {
  /** In the order asked for. */
  readonly outputs: readonly Tensor[];
}

/** One input or output as the model's file states it. */
export interface TensorMetadata {
  readonly name: string;
  readonly datatype: Datatype;
  /** A number, or the symbol of a side that varies. The batch side is included. */
  readonly sides: readonly (number | string)[];
}

/** A warm-up run that was timed, to begin the duration model with. */
export interface WarmUpTiming {
  readonly items: number;
  /** Cost of one item in the model's unit. */
  readonly length: number;
  readonly ms: number;
}

/** What a worker tells of its model once it is loaded. */
export interface TensorFacts {
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly TensorMetadata[];
  readonly warmUps: readonly WarmUpTiming[];
  readonly loadMs: number;
}
