import type { Execution } from '@trivium/contracts/model';
import type { CallContext } from '@trivium/messaging';
import type { RunOptions } from '@trivium/serving';
import type { TemplateName } from '../face-finding/template.js';
import type { Calibration } from './sameness.js';

export interface DescribedFace {
  readonly values: Float32Array;
  /** What made the values; those of another model, or of other bytes, mean something else. */
  readonly model: { readonly id: string; readonly sha256: string };
  readonly execution: Execution;
}

/** Turns aligned faces into numbers and says how far apart two of them are. */
export interface FaceDescriber {
  /** How the faces are to be aligned. */
  readonly template: TemplateName;
  readonly calibration: Calibration;
  describe(chip: Uint8Array, options: RunOptions, context: CallContext): Promise<DescribedFace>;
  distance(one: Float32Array, other: Float32Array): number;
}
