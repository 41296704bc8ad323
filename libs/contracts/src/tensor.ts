import { z } from 'zod';

/** Element types of the Open Inference Protocol, with the bytes of one element; BYTES elements have no fixed size. */
export const DATATYPE_BYTES = {
  BOOL: 1,
  UINT8: 1,
  UINT16: 2,
  UINT32: 4,
  UINT64: 8,
  INT8: 1,
  INT16: 2,
  INT32: 4,
  INT64: 8,
  FP16: 2,
  BF16: 2,
  FP32: 4,
  FP64: 8,
  BYTES: undefined,
} as const;

export type Datatype = keyof typeof DATATYPE_BYTES;
export const DATATYPES = Object.keys(DATATYPE_BYTES) as readonly Datatype[];
export const Datatype = z.enum(DATATYPES as [Datatype, ...Datatype[]]);

/**
 * Dense values, row-major. `data` is what the protocol calls raw: little-endian elements without
 * padding; BYTES elements each behind their length as a little-endian uint32. A scalar has the shape [].
 */
export interface Tensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

/** Elements of a tensor of this shape. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}
