import type { InferExplanation } from '@trivium/contracts/inference';
import type { Variant } from '@trivium/contracts/model-manifest';
import type { Tensor } from '@trivium/contracts/tensor';
import type { TokenPooling } from '@trivium/onnx';

/** What is asked of a model, its tensors at hand. */
export interface TensorRequest {
  readonly model: string;
  readonly version?: string | undefined;
  readonly variant?: Variant | undefined;
  readonly inputs: readonly Tensor[];
  /** Absent: all. */
  readonly outputs?: readonly string[] | undefined;
  /** Answers one vector per item in place of the states of its tokens; an ensemble's outputs stay as they are. */
  readonly pooling?: TokenPooling | undefined;
  readonly priorityLevel?: number | undefined;
  readonly queueTimeoutMs?: number | undefined;
  readonly cache: 'use' | 'bypass';
}

export interface TensorAnswer {
  readonly model: string;
  readonly version: string;
  readonly variant: string;
  readonly outputs: readonly Tensor[];
  readonly cache: 'hit' | 'miss' | 'bypass';
  readonly explain: InferExplanation;
}

/** For whom work is done; part of the context of every call. */
export interface Caller {
  readonly tenant: string;
  readonly requestId: string;
  readonly priority: 'interactive' | 'batch';
  readonly signal: AbortSignal;
  /** Milliseconds until the deadline. */
  remaining(): number;
}
