import type { AgreementMetric } from '@trivium/contracts/model-manifest';
import type { Tensor } from '@trivium/contracts/tensor';

/** What is measured in a process of its own, so that nothing else is in the figures. */
export type ProbeTask =
  | { readonly type: 'memory'; readonly file: string; readonly sample: readonly Tensor[] }
  | {
      readonly type: 'race';
      readonly reference: string;
      readonly candidate: string;
      readonly samples: readonly (readonly Tensor[])[];
      readonly rounds: number;
      readonly metric: AgreementMetric;
    }
  | {
      readonly type: 'profile';
      readonly file: string;
      readonly sample: readonly Tensor[];
      readonly runs: number;
      /** Start of the trace file's path. */
      readonly prefix: string;
    };

export interface MemoryFigures {
  /** Growth of resident memory by loading, and after runs; the runtime itself included. */
  readonly loadBytes: number;
  readonly runBytes: number;
}

export interface RaceFigures {
  /** Milliseconds of each round, in the same order. */
  readonly reference: readonly number[];
  readonly candidate: readonly number[];
  /** One per sample: of the output that agrees least. */
  readonly agreement: readonly number[];
}

export interface ProbeResults {
  readonly memory: MemoryFigures;
  readonly race: RaceFigures;
  readonly profile: { readonly milliseconds: readonly number[] };
}

export type FromProbe =
  | { readonly type: 'result'; readonly result: unknown }
  | { readonly type: 'failed'; readonly message: string };
