import { DomainError } from '@trivium/contracts';
import { joinStrings, splitStrings } from '@trivium/contracts/open-inference-tensor';
import { type Datatype, DATATYPE_BYTES, elementCount } from '@trivium/contracts/tensor';

/** `InferTensorContents` as the loader gives it: 64-bit integers as decimal strings. */
export type Contents = Readonly<Partial<Record<ContentsField, readonly unknown[]>>>;

type ContentsField =
  | 'bool_contents'
  | 'int_contents'
  | 'int64_contents'
  | 'uint_contents'
  | 'uint64_contents'
  | 'fp32_contents'
  | 'fp64_contents'
  | 'bytes_contents';

interface Typed {
  readonly field: ContentsField;
  readonly write: (view: DataView, at: number, value: never) => void;
  readonly read: (view: DataView, at: number) => unknown;
}

/** Where each datatype has its typed contents; FP16, BF16 have none. */
const TYPED: Partial<Record<Datatype, Typed>> = {
  BOOL: typed<boolean>(
    'bool_contents',
    (v, at, x) => v.setUint8(at, x ? 1 : 0),
    (v, at) => v.getUint8(at) !== 0,
  ),
  INT8: typed<number>(
    'int_contents',
    (v, at, x) => v.setInt8(at, x),
    (v, at) => v.getInt8(at),
  ),
  INT16: typed<number>(
    'int_contents',
    (v, at, x) => v.setInt16(at, x, true),
    (v, at) => v.getInt16(at, true),
  ),
  INT32: typed<number>(
    'int_contents',
    (v, at, x) => v.setInt32(at, x, true),
    (v, at) => v.getInt32(at, true),
  ),
  INT64: typed<string>(
    'int64_contents',
    (v, at, x) => v.setBigInt64(at, BigInt(x), true),
    (v, at) => String(v.getBigInt64(at, true)),
  ),
  UINT8: typed<number>(
    'uint_contents',
    (v, at, x) => v.setUint8(at, x),
    (v, at) => v.getUint8(at),
  ),
  UINT16: typed<number>(
    'uint_contents',
    (v, at, x) => v.setUint16(at, x, true),
    (v, at) => v.getUint16(at, true),
  ),
  UINT32: typed<number>(
    'uint_contents',
    (v, at, x) => v.setUint32(at, x, true),
    (v, at) => v.getUint32(at, true),
  ),
  UINT64: typed<string>(
    'uint64_contents',
    (v, at, x) => v.setBigUint64(at, BigInt(x), true),
    (v, at) => String(v.getBigUint64(at, true)),
  ),
  FP32: typed<number>(
    'fp32_contents',
    (v, at, x) => v.setFloat32(at, x, true),
    (v, at) => v.getFloat32(at, true),
  ),
  FP64: typed<number>(
    'fp64_contents',
    (v, at, x) => v.setFloat64(at, x, true),
    (v, at) => v.getFloat64(at, true),
  ),
};

function typed<Value>(
  field: ContentsField,
  write: (view: DataView, at: number, value: Value) => void,
  read: (view: DataView, at: number) => Value,
): Typed {
  // The field alone decides what its values are; the loader has checked them.
  return { field, write: write as Typed['write'], read };
}

/** Raw bytes of typed contents. Throws `invalid_request` that names the field; numbers that do not fit are refused. */
export function contentsToRaw(
  { datatype, shape }: { readonly datatype: Datatype; readonly shape: readonly number[] },
  contents: Contents,
  path: string,
): Uint8Array {
  const field = datatype === 'BYTES' ? 'bytes_contents' : TYPED[datatype]?.field;
  if (field === undefined) throw fault(`${path}.contents`, `${datatype} comes in raw_input_contents alone`);
  for (const [other, values] of Object.entries(contents)) {
    if (other !== field && values.length > 0) {
      throw fault(`${path}.contents.${other}`, `${datatype} belongs into ${field}`);
    }
  }
  const values = contents[field] ?? [];
  if (values.length !== elementCount(shape)) {
    throw fault(
      `${path}.shape`,
      `[${shape.join(', ')}] says ${elementCount(shape)} elements; ${field} has ${values.length}`,
    );
  }
  const format = TYPED[datatype];
  if (format === undefined) return joinStrings(values as Uint8Array[]);
  const size = DATATYPE_BYTES[datatype] ?? 1;
  const bytes = new Uint8Array(values.length * size);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => {
    format.write(view, index * size, value as never);
    const fits = size >= 4 || datatype === 'BOOL' || format.read(view, index * size) === value;
    if (!fits)
      throw fault(
        `${path}.contents.${field}`,
        `element ${index}, ${String(value)}, does not fit into ${datatype}`,
      );
  });
  return bytes;
}

/** Undefined for what has no typed contents. */
export function rawToContents(datatype: Datatype, data: Uint8Array): Contents | undefined {
  if (datatype === 'BYTES') return { bytes_contents: [...splitStrings(data)] };
  const format = TYPED[datatype];
  if (format === undefined) return undefined;
  const size = DATATYPE_BYTES[datatype] ?? 1;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const values = Array.from({ length: data.byteLength / size }, (_, index) =>
    format.read(view, index * size),
  );
  return { [format.field]: values };
}

function fault(param: string, message: string): DomainError {
  return new DomainError('invalid_request', `'${param}': ${message}.`, { param });
}
