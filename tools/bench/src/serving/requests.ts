import { Random } from '@trivium/onnx/synthesis';
import { LONGEST } from './traces.js';

/** What one request carries: token ids, and a mask that hides none of them. */
export interface Tokens {
  readonly ids: BigInt64Array;
  readonly mask: BigInt64Array;
}

const SEED = 23;
/** Ids below every vocabulary in use. */
const VOCABULARY = 100;

const random = new Random(SEED);
const IDS = BigInt64Array.from({ length: LONGEST }, () => BigInt(1 + random.below(VOCABULARY - 1)));
const MASK = new BigInt64Array(LONGEST).fill(1n);

/** The same ids for everybody. */
export function tokensOf(length: number): Tokens {
  return { ids: IDS.subarray(0, length), mask: MASK.subarray(0, length) };
}
