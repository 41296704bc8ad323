import type { ErrorCode } from '@trivium/contracts';
import type { SamplingSettings } from '../sampling/sampler.js';
import type { OutputStructure } from '../structure/output-structure.js';
import type { CachePlan } from './cache-plan.js';

/** Options of the program; they cross to the worker when it starts. */
export interface DecoderOptions {
  readonly model: { readonly path: string; readonly sha256: string };
  readonly tokenizer: { readonly path: string; readonly sha256: string };
  readonly threads: number;
  /** Tokens of prompt and answer together that the model was made for. */
  readonly positions: number;
  /** For the keys and values of all sequences and of earlier ones. */
  readonly cacheBytes: number;
  /** Ids that end an answer. */
  readonly ends: readonly number[];
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
  /** Its worker is another one by now, which knows nothing of it. */
  | { readonly id: number; readonly kind: 'unknown' }
  | {
      readonly id: number;
      readonly kind: 'failed';
      readonly code: ErrorCode;
      readonly message: string;
      readonly param?: string | undefined;
    };

export interface StepResult {
  readonly answers: readonly StepAnswer[];
  readonly prefilled: number;
  readonly decoded: number;
  /** Tokens of prompts that were taken over from earlier ones. */
  readonly reused: number;
  /** Positions that the caches have memory for. */
  readonly cachePositions: number;
}

/** What the program tells of its file. */
export interface DecoderFacts {
  readonly vocabulary: number;
  readonly inPlace: boolean;
  readonly plan: CachePlan;
}
