import type { SamplingSettings } from '../sampling/sampler.js';
import type { OutputStructure } from '../structure/output-structure.js';

/** Options of the program; they cross to the worker when it starts. */
export interface DecoderOptions {
  readonly model: { readonly path: string; readonly sha256: string };
  readonly tokenizer: { readonly path: string; readonly sha256: string };
  readonly threads: number;
  /** Tokens of prompt and answer together. */
  readonly contextWindow: number;
  /** Ids that end an answer. */
  readonly ends: readonly number[];
  /** Tokens of earlier prompts and answers whose keys and values are kept for those that begin alike. */
  readonly prefixTokens: number;
}

/** What a sequence begins with. */
export interface SequenceStart {
  /** Whose it is: nobody else's beginnings are taken over. */
  readonly owner: string;
  readonly prompt: readonly number[];
  readonly maxTokens: number;
  readonly settings: SamplingSettings;
  readonly stops: readonly string[];
  readonly structure: OutputStructure | undefined;
}

export interface StepTask {
  /** Those that advance; `start` comes with the first step. */
  readonly turns: readonly { readonly id: number; readonly start?: SequenceStart }[];
  /** Those that take no further step. */
  readonly released: readonly number[];
}

export interface ScoredPiece {
  readonly id: number;
  readonly logprob: number;
  readonly top: readonly { readonly id: number; readonly logprob: number }[];
}

/** What one step of one sequence made. */
export interface StepPiece {
  readonly text: string;
  /** Tokens drawn so far. */
  readonly tokens: number;
  /** Tokens of the prompt that were taken over from an earlier one. */
  readonly reused: number;
  readonly scored?: ScoredPiece;
  readonly end?: 'stop' | 'length';
}

export type StepAnswer =
  | { readonly id: number; readonly kind: 'prefilling' }
  | { readonly id: number; readonly kind: 'piece'; readonly piece: StepPiece }
  | { readonly id: number; readonly kind: 'failed'; readonly message: string };

export interface StepResult {
  readonly answers: readonly StepAnswer[];
  readonly prefilled: number;
  readonly decoded: number;
  /** Positions that the caches have memory for. */
  readonly cachePositions: number;
}

/** What the program tells of its file. */
export interface DecoderFacts {
  readonly vocabulary: number;
  readonly bytesPerToken: number;
  readonly inPlace: boolean;
}
