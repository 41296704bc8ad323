import { type EncoderShape, MINILM_L6, TINY_ENCODER } from '@trivium/onnx/synthesis';
import type { Precision } from './protocol.js';
import { LONGEST } from './traces.js';

/** Of `decoderStep` of @trivium/onnx/synthesis. */
export interface DecoderShape {
  readonly vocabulary: number;
  readonly heads: number;
  readonly width: number;
}

/** How much is measured. */
export interface Plan {
  readonly shape: EncoderShape;
  readonly precisions: readonly Precision[];
  /** Requests in flight; the last one saturates every core. */
  readonly inFlight: readonly [...number[], number];
  /** Of one closed loop. */
  readonly closedSeconds: number;
  /** Of one open loop's trace. */
  readonly openSeconds: number;
  /** Shares of our own capacity at which requests arrive. */
  readonly loads: readonly number[];
  /** Threads that a peer may use, of which the quickest count; undefined: what it takes by itself. */
  readonly threads: readonly (number | undefined)[];
  /** Shapes whose time is measured, for the replay of traces; the quickest of so many repeats counts. */
  readonly timing: {
    readonly items: readonly number[];
    readonly lengths: readonly number[];
    readonly repeats: number;
  };
  readonly replayedRequests: number;
  readonly wrapperRuns: number;
  readonly decoder: DecoderShape;
  /** That a sequence writes. */
  readonly decoderTokens: number;
  /** Whether `@huggingface/transformers` takes part; it is installed when it first does. */
  readonly transformers: boolean;
}

export const FULL: Plan = {
  shape: MINILM_L6,
  precisions: ['fp32', 'int8'],
  inFlight: [1, 2, 8, 32],
  closedSeconds: 0.8,
  openSeconds: 1.5,
  loads: [0.5, 0.8, 0.95],
  threads: [undefined, 1, 2],
  timing: { items: [1, 2, 4, 8, 16], lengths: [8, 32, 128, LONGEST], repeats: 2 },
  replayedRequests: 2_000,
  wrapperRuns: 3_000,
  // Width and vocabulary of a language model with 135 million parameters: 113 MiB that every step reads.
  decoder: { vocabulary: 49_152, heads: 9, width: 64 },
  decoderTokens: 48,
  transformers: true,
};

/** Every path once: what it measures says nothing. */
export const SMOKE: Plan = {
  shape: { ...TINY_ENCODER, positions: LONGEST },
  precisions: ['fp32'],
  inFlight: [4],
  closedSeconds: 0.05,
  openSeconds: 0.05,
  loads: [0.5],
  threads: [1],
  timing: { items: [1, 4], lengths: [8, 64], repeats: 1 },
  replayedRequests: 64,
  wrapperRuns: 20,
  decoder: { vocabulary: 64, heads: 2, width: 8 },
  decoderTokens: 4,
  transformers: false,
};
