/**
 * GGUF, version 3, as ggml's docs/gguf.md describes it: header, metadata, tensor descriptions, then the data of
 * each tensor at a multiple of the alignment. Little-endian.
 */
const MAGIC = 0x46554747;
const VERSION = 3;
export const ALIGNMENT = 32;
/** Weights of a row that share a scale in Q8_0. */
export const BLOCK = 32;
const BLOCK_BYTES = 2 + BLOCK;
const TENSOR_TYPE = { F32: 0, Q8_0: 8 } as const;
const VALUE_TYPE = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const;

export type MetadataValue =
  | { readonly type: 'u32' | 'f32'; readonly value: number }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'strings'; readonly value: readonly string[] }
  | { readonly type: 'i32s'; readonly value: readonly number[] };

export interface GgufTensor {
  readonly name: string;
  /** The shortest stride first: for a matrix, inputs and then outputs. */
  readonly dims: readonly number[];
  readonly type: keyof typeof TENSOR_TYPE;
  /** Row after row; rows of Q8_0 are multiples of 32. */
  readonly values: Float32Array;
}

/** The parts of a file in their order. Only one tensor is encoded at a time. */
export function* ggufParts(
  metadata: Readonly<Record<string, MetadataValue>>,
  tensors: readonly GgufTensor[],
): Generator<Uint8Array> {
  const entries = Object.entries(metadata);
  const head = [u32(MAGIC), u32(VERSION), u64(tensors.length), u64(entries.length)];
  for (const [key, value] of entries) head.push(string(key), encodeValue(value));
  let offset = 0;
  for (const tensor of tensors) {
    head.push(string(tensor.name), u32(tensor.dims.length), ...tensor.dims.map(u64));
    head.push(u32(TENSOR_TYPE[tensor.type]), u64(offset));
    offset += aligned(bytesOf(tensor));
  }
  yield padded(Buffer.concat(head));
  for (const tensor of tensors) yield padded(tensor.type === 'F32' ? floats(tensor.values) : q8(tensor));
}

function bytesOf({ type, values }: GgufTensor): number {
  return type === 'F32' ? values.byteLength : (values.length / BLOCK) * BLOCK_BYTES;
}

/** ggml's `quantize_row_q8_0_ref`: a half-precision scale of absmax / 127, then 32 signed bytes. */
function q8({ name, dims: [row = 0], values }: GgufTensor): Uint8Array {
  if (row % BLOCK !== 0) throw new RangeError(`${name}: rows of ${row} are no multiple of ${BLOCK}`);
  const bytes = Buffer.alloc((values.length / BLOCK) * BLOCK_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  for (let start = 0, at = 0; start < values.length; start += BLOCK, at += BLOCK_BYTES) {
    let largest = 0;
    for (let index = 0; index < BLOCK; index += 1) {
      largest = Math.max(largest, Math.abs(values[start + index] ?? 0));
    }
    const scale = largest / 127;
    view.setUint16(at, halfOf(scale), true);
    const inverse = scale === 0 ? 0 : 1 / scale;
    for (let index = 0; index < BLOCK; index += 1) {
      view.setInt8(at + 2 + index, Math.round((values[start + index] ?? 0) * inverse));
    }
  }
  return bytes;
}

const single = new Float32Array(1);
const bits = new Uint32Array(single.buffer);

/** Bits of the nearest half-precision number to one that is not negative and below 65 504. */
export function halfOf(value: number): number {
  if (value < 2 ** -14) return Math.round(value * 2 ** 24);
  single[0] = value;
  return ((bits[0] ?? 0) - (112 << 23) + 0x1000) >>> 13;
}

function encodeValue(metadata: MetadataValue): Uint8Array {
  switch (metadata.type) {
    case 'u32':
      return Buffer.concat([u32(VALUE_TYPE.u32), u32(metadata.value)]);
    case 'f32':
      return Buffer.concat([u32(VALUE_TYPE.f32), floats(Float32Array.of(metadata.value))]);
    case 'bool':
      return Buffer.concat([u32(VALUE_TYPE.bool), Uint8Array.of(metadata.value ? 1 : 0)]);
    case 'string':
      return Buffer.concat([u32(VALUE_TYPE.string), string(metadata.value)]);
    case 'strings':
      return array(VALUE_TYPE.string, metadata.value.map(string));
    case 'i32s':
      return array(VALUE_TYPE.i32, [...metadata.value].map(i32));
  }
}

function array(type: number, items: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat([u32(VALUE_TYPE.array), u32(type), u64(items.length), ...items]);
}

function string(text: string): Uint8Array {
  const bytes = Buffer.from(text);
  return Buffer.concat([u64(bytes.length), bytes]);
}

function u32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function i32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function u64(value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function floats(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

function padded(bytes: Uint8Array): Uint8Array {
  const rest = aligned(bytes.length) - bytes.length;
  return rest === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(rest)]);
}
