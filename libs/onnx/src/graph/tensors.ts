import { DomainError } from '@trivium/contracts';
import type { TensorProto } from './onnx-format.js';

/** `TensorProto.DataType`. */
export const DATA_TYPE = {
  FLOAT: 1,
  UINT8: 2,
  INT8: 3,
  UINT16: 4,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  STRING: 8,
  BOOL: 9,
  FLOAT16: 10,
  DOUBLE: 11,
  UINT32: 12,
  UINT64: 13,
  COMPLEX64: 14,
  COMPLEX128: 15,
  BFLOAT16: 16,
  FLOAT8E4M3FN: 17,
  FLOAT8E4M3FNUZ: 18,
  FLOAT8E5M2: 19,
  FLOAT8E5M2FNUZ: 20,
  UINT4: 21,
  INT4: 22,
  FLOAT4E2M1: 23,
  FLOAT8E8M0: 24,
  UINT2: 25,
  INT2: 26,
} as const;

export type DataTypeName = keyof typeof DATA_TYPE;

const NAMES = new Map<number, string>(Object.entries(DATA_TYPE).map(([name, type]) => [type, name]));

/** Bits of one element; strings have no fixed size. */
const BITS: Readonly<Record<DataTypeName, number>> = {
  FLOAT: 32,
  UINT8: 8,
  INT8: 8,
  UINT16: 16,
  INT16: 16,
  INT32: 32,
  INT64: 64,
  STRING: 0,
  BOOL: 8,
  FLOAT16: 16,
  DOUBLE: 64,
  UINT32: 32,
  UINT64: 64,
  COMPLEX64: 64,
  COMPLEX128: 128,
  BFLOAT16: 16,
  FLOAT8E4M3FN: 8,
  FLOAT8E4M3FNUZ: 8,
  FLOAT8E5M2: 8,
  FLOAT8E5M2FNUZ: 8,
  UINT4: 4,
  INT4: 4,
  FLOAT4E2M1: 4,
  FLOAT8E8M0: 8,
  UINT2: 2,
  INT2: 2,
};

export function dataTypeName(type: number): string {
  return NAMES.get(type) ?? `TYPE_${type}`;
}

/** Bits of one element of a data type; 0 for strings and for types that are not known. */
export function bitsOf(type: number): number {
  const name = NAMES.get(type);
  return name === undefined ? 0 : BITS[name as DataTypeName];
}

export function elementsOf(dims: readonly number[]): number {
  return dims.reduce((product, side) => product * side, 1);
}

/** Bytes that the elements of a tensor take, whichever field or file holds them. */
export function tensorBytes({ dataType, dims, stringData = [] }: TensorProto): number {
  if (dataType === DATA_TYPE.STRING) return stringData.reduce((sum, one) => sum + one.byteLength, 0);
  return Math.ceil((elementsOf(dims) * bitsOf(dataType)) / 8);
}

export function isExternal({ dataLocation, externalData = [] }: TensorProto): boolean {
  return dataLocation === 1 || externalData.length > 0;
}

/** Bytes as a typed array needs them: copied, because views must be aligned. */
function aligned(raw: Uint8Array): ArrayBuffer {
  return Uint8Array.from(raw).buffer;
}

/**
 * Values of a FLOAT, FLOAT16 or DOUBLE tensor as floats, whichever field holds them.
 * @throws DomainError `invalid_request` when the number of values is not what the shape says
 */
export function floatsOf(tensor: TensorProto): Float32Array {
  const { name = '', dims } = tensor;
  const values = readFloats(tensor);
  if (values.length !== elementsOf(dims)) {
    throw new DomainError(
      'invalid_request',
      `Tensor ${name} holds ${values.length} values, its shape [${dims.join(',')}] means ${elementsOf(dims)}`,
    );
  }
  return values;
}

function readFloats({
  dataType,
  rawData,
  floatData,
  int32Data,
  doubleData,
  name,
}: TensorProto): Float32Array {
  const raw = rawData === undefined || rawData.byteLength === 0 ? undefined : rawData;
  switch (dataType) {
    case DATA_TYPE.FLOAT:
      return raw === undefined ? Float32Array.from(floatData ?? []) : new Float32Array(aligned(raw));
    case DATA_TYPE.FLOAT16: {
      const bits = raw === undefined ? Uint16Array.from(int32Data ?? []).buffer : aligned(raw);
      return Float32Array.from(new Float16Array(bits));
    }
    case DATA_TYPE.DOUBLE:
      return Float32Array.from(raw === undefined ? (doubleData ?? []) : new Float64Array(aligned(raw)));
    default:
      throw new DomainError(
        'invalid_request',
        `Tensor ${name ?? ''} holds ${dataTypeName(dataType)}, not floats`,
      );
  }
}

type Elements =
  | Float32Array
  | Float64Array
  | Float16Array
  | Int8Array
  | Uint8Array
  | Int32Array
  | BigInt64Array
  | BigUint64Array;

/** A tensor of raw bytes; shares the memory of `data`. */
export function tensor(
  name: string,
  type: DataTypeName,
  dims: readonly number[],
  data: Elements,
): TensorProto {
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name, dims: [...dims], dataType: DATA_TYPE[type], rawData };
}

export const floatTensor = (name: string, dims: readonly number[], data: Float32Array): TensorProto =>
  tensor(name, 'FLOAT', dims, data);

export const int64Tensor = (
  name: string,
  dims: readonly number[],
  values: readonly (number | bigint)[],
): TensorProto => tensor(name, 'INT64', dims, BigInt64Array.from(values, BigInt));
