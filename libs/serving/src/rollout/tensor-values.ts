import { DATATYPE_BYTES, type Datatype, type Tensor } from '@trivium/contracts/tensor';

type Reader = (data: DataView, offset: number) => number;

const READERS = {
  BOOL: (data, offset) => data.getUint8(offset),
  UINT8: (data, offset) => data.getUint8(offset),
  INT8: (data, offset) => data.getInt8(offset),
  UINT16: (data, offset) => data.getUint16(offset, true),
  INT16: (data, offset) => data.getInt16(offset, true),
  UINT32: (data, offset) => data.getUint32(offset, true),
  INT32: (data, offset) => data.getInt32(offset, true),
  UINT64: (data, offset) => Number(data.getBigUint64(offset, true)),
  INT64: (data, offset) => Number(data.getBigInt64(offset, true)),
  FP16: (data, offset) => halfToNumber(data.getUint16(offset, true)),
  BF16: (data, offset) => brainToNumber(data.getUint16(offset, true)),
  FP32: (data, offset) => data.getFloat32(offset, true),
  FP64: (data, offset) => data.getFloat64(offset, true),
} as const satisfies Record<Exclude<Datatype, 'BYTES'>, Reader>;

/**
 * The elements as numbers, row-major; 64-bit integers are rounded to the nearest double. Undefined for
 * BYTES, whose elements are not numbers.
 */
export function tensorValues({ datatype, data }: Tensor): Float64Array | undefined {
  if (datatype === 'BYTES') return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const size = DATATYPE_BYTES[datatype];
  const read = READERS[datatype];
  const values = new Float64Array(Math.floor(data.byteLength / size));
  for (let index = 0; index < values.length; index += 1) values[index] = read(view, index * size);
  return values;
}

/** IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
export function halfToNumber(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const WORD = new DataView(new ArrayBuffer(4));

/** bfloat16: the upper half of a binary32. */
function brainToNumber(bits: number): number {
  WORD.setUint32(0, bits << 16);
  return WORD.getFloat32(0);
}
