import type { Trace } from './policies/trace.js';

/** Who is measured, in a process of its own. */
export const CONTENDERS = ['trivium', 'onnxruntime-node', '@huggingface/transformers'] as const;
export type ContenderName = (typeof CONTENDERS)[number];

export type Precision = 'fp32' | 'int8';

/** How the trivium contender forms batches; the others run one by one. */
export type Policy = 'trivium' | 'one-by-one' | 'fifo-8' | 'fifo-32';

/** The one argument of a contender's process, as JSON. */
export interface Opening {
  readonly contender: ContenderName;
  readonly precision: Precision;
  /** Folder of {@link writeModel}. */
  readonly folder: string;
  /** Intra-op threads of a peer's session; absent: what the runtime takes by itself. */
  readonly threads?: number | undefined;
  /** Folder whose `node_modules` holds the peers that are no part of the workspace. */
  readonly peers?: string | undefined;
}

/** So many clients, each of which sends its next request when it has its answer. */
export interface ClosedLoop {
  readonly kind: 'closed';
  readonly inFlight: number;
  /** Taken in turn, from the beginning again when they are used up. */
  readonly lengths: readonly number[];
  readonly seconds: number;
  readonly policy?: Policy | undefined;
}

/** Requests come when the trace says, whatever became of those before. */
export interface OpenLoop {
  readonly kind: 'open';
  readonly arrivals: Trace;
  readonly policy?: Policy | undefined;
}

/** How long runs of so many items of one length take on a processor while every core is at work. */
export interface Timing {
  readonly kind: 'timing';
  readonly shapes: readonly { readonly items: number; readonly tokens: number }[];
  /** Of each shape at the least; the quickest counts. */
  readonly repeats: number;
}

export type Load = ClosedLoop | OpenLoop;
export type Order = Load | Timing;

/** Figures of one load: rate in 1/s, p50, p99 and loop delays in ms, memory in MiB. */
export type Figures = Readonly<
  Record<'rate' | 'p50' | 'p99' | 'batch' | 'loopMax' | 'loopP99' | 'memory', number>
>;

/** Milliseconds by shape, in the order of {@link Timing.shapes}. */
export interface Timings {
  readonly ms: readonly number[];
}

export type Answer =
  | { readonly type: 'ready' }
  | { readonly type: 'figures'; readonly figures: Figures }
  | { readonly type: 'timings'; readonly timings: Timings }
  | { readonly type: 'failed'; readonly message: string };
