import { Tensor as OrtTensor } from 'onnxruntime-common';
import { DomainError } from '@trivium/contracts';
import { type Datatype, elementCount, type Tensor } from '@trivium/contracts/tensor';

type OrtType = OrtTensor.Type;

/** Element types by ONNX Runtime's names. BF16 has no counterpart in JavaScript's binding. */
const ORT_TYPES = {
  BOOL: 'bool',
  UINT8: 'uint8',
  UINT16: 'uint16',
  UINT32: 'uint32',
  UINT64: 'uint64',
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  FP16: 'float16',
  FP32: 'float32',
  FP64: 'float64',
  BYTES: 'string',
} as const satisfies Partial<Record<Datatype, OrtType>>;

const DATATYPES = new Map<string, Datatype>(
  Object.entries(ORT_TYPES).map(([datatype, type]) => [type, datatype as Datatype]),
);

/** Arrays that view raw elements. */
const ARRAYS = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as const;

/** Throws `model_not_available` for a type that cannot cross into JavaScript. */
export function datatypeOf(ortType: string, name: string): Datatype {
  const datatype = DATATYPES.get(ortType);
  if (datatype !== undefined) return datatype;
  throw new DomainError('model_not_available', `'${name}' holds ${ortType}, which cannot be served`);
}

/** Views the bytes where their alignment allows it, and copies them otherwise. */
export function toOrt({ datatype, shape, data, name }: Tensor): OrtTensor {
  if (datatype === 'BYTES') return new OrtTensor('string', stringsOf(data, elementCount(shape)), [...shape]);
  if (datatype === 'BF16')
    throw new DomainError('invalid_request', `'${name}' holds BF16, which is not served`);
  const Elements = ARRAYS[datatype];
  const size = Elements.BYTES_PER_ELEMENT;
  const bytes = data.byteOffset % size === 0 ? data : Uint8Array.from(data);
  const elements = new Elements(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength / size);
  const tensor = new OrtTensor(ORT_TYPES[datatype], elements as never, [...shape]); // ARRAYS pairs type and array
  // The library turns half-precision bits into a Float16Array, which its native part does not know.
  if (datatype === 'FP16') Object.defineProperty(tensor, 'data', { value: elements });
  return tensor;
}

/** The bytes of the answer itself, not a copy. */
export function fromOrt(name: string, tensor: OrtTensor): Tensor {
  const datatype = datatypeOf(tensor.type, name);
  const shape = [...tensor.dims];
  if (datatype === 'BYTES') return { name, datatype, shape, data: bytesOfStrings(tensor.data as string[]) };
  const view = tensor.data as Exclude<typeof tensor.data, string[]>;
  return { name, datatype, shape, data: new Uint8Array(view.buffer, view.byteOffset, view.byteLength) };
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function stringsOf(data: Uint8Array, count: number): string[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const strings: string[] = [];
  let offset = 0;
  for (let index = 0; index < count; index += 1) {
    const length = view.getUint32(offset, true);
    strings.push(text(data.subarray(offset + 4, offset + 4 + length)));
    offset += 4 + length;
  }
  return strings;
}

function text(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new DomainError('invalid_request', 'A BYTES element is not UTF-8, which models of strings need', {
      param: 'inputs',
      cause,
    });
  }
}

function bytesOfStrings(strings: readonly string[]): Uint8Array {
  const parts = strings.map((value) => Buffer.from(value, 'utf8'));
  const size = parts.reduce((sum, { byteLength }) => sum + 4 + byteLength, 0);
  const bytes = Buffer.allocUnsafeSlow(size);
  let offset = 0;
  for (const part of parts) {
    offset = bytes.writeUInt32LE(part.byteLength, offset);
    offset += part.copy(bytes, offset);
  }
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
