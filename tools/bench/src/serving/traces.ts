import { lognormalLengths } from './policies/trace.js';

/** Tokens of the requests of a trace: all alike, or lognormal with a long tail. */
export type Lengths = 'equal-16' | 'equal-128' | 'mixed';

export const LONGEST = 256;
const MIXED = { mean: 40, max: LONGEST, sigma: 0.8 } as const;

/** The same lengths for the same seed. */
export function lengthsOf(kind: Lengths, count: number, seed: number): readonly number[] {
  if (kind === 'mixed') return lognormalLengths(count, MIXED, seed);
  return new Array<number>(count).fill(kind === 'equal-16' ? 16 : 128);
}
