import type { Datatype } from '@trivium/contracts/tensor';

/** Datatypes that may be filled up with a value other than 0. */
const FILLS: Readonly<Partial<Record<Datatype, (count: number, value: number) => ArrayBufferView>>> = {
  UINT8: (count, value) => new Uint8Array(count).fill(value),
  UINT16: (count, value) => new Uint16Array(count).fill(value),
  UINT32: (count, value) => new Uint32Array(count).fill(value),
  UINT64: (count, value) => new BigUint64Array(count).fill(BigInt(value)),
  INT8: (count, value) => new Int8Array(count).fill(value),
  INT16: (count, value) => new Int16Array(count).fill(value),
  INT32: (count, value) => new Int32Array(count).fill(value),
  INT64: (count, value) => new BigInt64Array(count).fill(BigInt(value)),
  FP32: (count, value) => new Float32Array(count).fill(value),
  FP64: (count, value) => new Float64Array(count).fill(value),
  BOOL: (count, value) => new Uint8Array(count).fill(value === 0 ? 0 : 1),
  FP16: (count, value) => new Uint16Array(count).fill(halfOf(value)),
};

/** Raw elements that all have this value. */
export function filled(datatype: Datatype, count: number, value: number): Uint8Array {
  const fill = FILLS[datatype];
  if (fill === undefined) throw new TypeError(`${datatype} cannot be filled up`);
  const { buffer, byteOffset, byteLength } = fill(count, value);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

export function isFillable(datatype: Datatype): boolean {
  return FILLS[datatype] !== undefined;
}

/** Bits of the nearest half-precision number. */
function halfOf(value: number): number {
  const view = new DataView(new ArrayBuffer(2));
  view.setFloat16(0, value, true);
  return view.getUint16(0, true);
}
