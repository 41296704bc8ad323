import { DomainError } from './error.js';
import { type Datatype, DATATYPE_BYTES, elementCount } from './tensor.js';

type Head = { readonly datatype: Datatype; readonly shape: readonly number[] };
type Scalar = number | string | boolean;

const LENGTH_BYTES = 4;

interface NumberFormat {
  readonly least: number;
  readonly most: number;
  readonly write: (view: DataView, at: number, value: number) => void;
  readonly read: (view: DataView, at: number) => number | bigint;
}

/** Without FP16 and BF16, which the protocol sends raw and in no other way. */
const INTEGERS: Partial<Record<Datatype, NumberFormat>> = {
  UINT8: integers(
    8,
    false,
    (view, at, value) => view.setUint8(at, value),
    (view, at) => view.getUint8(at),
  ),
  UINT16: integers(
    16,
    false,
    (view, at, value) => view.setUint16(at, value, true),
    (view, at) => view.getUint16(at, true),
  ),
  UINT32: integers(
    32,
    false,
    (view, at, value) => view.setUint32(at, value, true),
    (view, at) => view.getUint32(at, true),
  ),
  UINT64: integers(
    64,
    false,
    (view, at, value) => view.setBigUint64(at, BigInt(value), true),
    (view, at) => view.getBigUint64(at, true),
  ),
  INT8: integers(
    8,
    true,
    (view, at, value) => view.setInt8(at, value),
    (view, at) => view.getInt8(at),
  ),
  INT16: integers(
    16,
    true,
    (view, at, value) => view.setInt16(at, value, true),
    (view, at) => view.getInt16(at, true),
  ),
  INT32: integers(
    32,
    true,
    (view, at, value) => view.setInt32(at, value, true),
    (view, at) => view.getInt32(at, true),
  ),
  INT64: integers(
    64,
    true,
    (view, at, value) => view.setBigInt64(at, BigInt(value), true),
    (view, at) => view.getBigInt64(at, true),
  ),
};

function integers(
  bits: number,
  signed: boolean,
  write: NumberFormat['write'],
  read: NumberFormat['read'],
): NumberFormat {
  return { least: signed ? -(2 ** (bits - 1)) : 0, most: 2 ** (signed ? bits - 1 : bits) - 1, write, read };
}

/**
 * Raw bytes of values written as JSON, flat in row-major order or nested as the shape. `path` is where
 * the tensor stands in the request. Throws `invalid_request` that names the field.
 */
export function encodeValues(head: Head, data: readonly unknown[], path: string): Uint8Array {
  const values = flatten(data, head.shape, path);
  if (head.datatype === 'BYTES') return encodeStrings(values, path);
  const size = DATATYPE_BYTES[head.datatype];
  const bytes = new Uint8Array(values.length * size);
  const view = new DataView(bytes.buffer);
  const write = writerOf(head.datatype, path);
  values.forEach((value, index) => write(view, index * size, value));
  return bytes;
}

/** Values as JSON has them, flat. Throws `invalid_request` where JSON cannot hold them: those outputs are to be had raw. */
export function decodeValues(head: Head & { readonly data: Uint8Array }, path: string): Scalar[] {
  const { datatype, data } = head;
  if (datatype === 'BYTES') return decodeStrings(data, path);
  const size = DATATYPE_BYTES[datatype];
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const read = readerOf(datatype, path);
  return Array.from({ length: Math.floor(data.byteLength / size) }, (_, index) => read(view, index * size));
}

/** Raw bytes must be as many as the shape says; those of strings must each end where the next begins. */
export function checkRaw({ datatype, shape }: Head, data: Uint8Array, path: string): void {
  const count = elementCount(shape);
  const size = DATATYPE_BYTES[datatype];
  if (size === undefined) return checkStrings(data, count, path);
  if (data.byteLength === count * size) return;
  throw fault(
    `${path}.shape`,
    `[${shape.join(', ')}] of ${datatype} takes ${count * size} bytes; ${data.byteLength} were sent`,
  );
}

/** BYTES elements, each behind its length as a little-endian uint32. */
export function joinStrings(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + LENGTH_BYTES + part.byteLength, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const part of parts) {
    view.setUint32(at, part.byteLength, true);
    bytes.set(part, at + LENGTH_BYTES);
    at += LENGTH_BYTES + part.byteLength;
  }
  return bytes;
}

/** The elements of BYTES, as views; undefined in the place of one that is cut off. */
export function* splitStrings(data: Uint8Array): Generator<Uint8Array | undefined> {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let at = 0; at < data.byteLength;) {
    const begin = at + LENGTH_BYTES;
    const end = begin > data.byteLength ? Infinity : begin + view.getUint32(at, true);
    if (end > data.byteLength) return yield undefined;
    yield data.subarray(begin, end);
    at = end;
  }
}

function checkStrings(data: Uint8Array, count: number, path: string): void {
  let found = 0;
  for (const part of splitStrings(data)) {
    if (part === undefined) throw fault(path, `the bytes end within element ${found}`);
    found += 1;
  }
  if (found !== count) throw fault(`${path}.shape`, `says ${count} elements; ${found} were sent`);
}

function decodeStrings(data: Uint8Array, path: string): string[] {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  return Array.from(splitStrings(data), (part) => {
    try {
      return decoder.decode(part);
    } catch {
      throw fault(path, 'holds bytes that are no UTF-8; ask for it with binary_data');
    }
  });
}

function encodeStrings(values: readonly unknown[], path: string): Uint8Array {
  const encoder = new TextEncoder();
  return joinStrings(
    values.map((value, index) => {
      if (typeof value !== 'string') throw fault(`${path}.data`, `element ${index} is not a string`);
      return encoder.encode(value);
    }),
  );
}

function flatten(data: readonly unknown[], shape: readonly number[], path: string): readonly unknown[] {
  const values = data.some(Array.isArray) ? nested(data, shape, `${path}.data`) : data;
  const count = elementCount(shape);
  if (values.length === count) return values;
  throw fault(`${path}.shape`, `[${shape.join(', ')}] says ${count} elements; data has ${values.length}`);
}

function nested(data: readonly unknown[], shape: readonly number[], path: string): unknown[] {
  const [side, ...inner] = shape;
  if (side === undefined || data.length !== side) {
    throw fault(
      path,
      `is nested otherwise than its shape: ${side ?? 'no'} elements belong here, not ${data.length}`,
    );
  }
  if (inner.length === 0) return [...data];
  return data.flatMap((part, index) => {
    if (Array.isArray(part)) return nested(part as unknown[], inner, `${path}[${index}]`);
    throw fault(`${path}[${index}]`, 'expected an array: the shape has more sides');
  });
}

function writerOf(datatype: Datatype, path: string): (view: DataView, at: number, value: unknown) => void {
  const wrong = (value: unknown, at: number, why: string) => {
    const size = DATATYPE_BYTES[datatype] ?? 1;
    return fault(`${path}.data`, `element ${at / size}, ${shown(value)}, ${why}`);
  };
  if (datatype === 'BOOL') {
    return (view, at, value) => {
      if (typeof value !== 'boolean') throw wrong(value, at, 'is not true or false');
      view.setUint8(at, value ? 1 : 0);
    };
  }
  if (datatype === 'FP32' || datatype === 'FP64') {
    return (view, at, value) => {
      if (typeof value !== 'number') throw wrong(value, at, 'is not a number');
      if (datatype === 'FP32') view.setFloat32(at, value, true);
      else view.setFloat64(at, value, true);
    };
  }
  const format = INTEGERS[datatype];
  if (format === undefined) throw fault(`${path}.data`, `${datatype} has no form in JSON; send binary data`);
  return (view, at, value) => {
    if (typeof value !== 'number' || !Number.isInteger(value))
      throw wrong(value, at, 'is not a whole number');
    if (!Number.isSafeInteger(value))
      throw wrong(value, at, 'is too large to be exact in JSON; send binary data');
    if (value < format.least || value > format.most) throw wrong(value, at, `does not fit into ${datatype}`);
    format.write(view, at, value);
  };
}

function readerOf(datatype: Datatype, path: string): (view: DataView, at: number) => Scalar {
  if (datatype === 'BOOL') return (view, at) => view.getUint8(at) !== 0;
  if (datatype === 'FP32' || datatype === 'FP64') {
    return (view, at) => {
      const value = datatype === 'FP32' ? view.getFloat32(at, true) : view.getFloat64(at, true);
      if (Number.isFinite(value)) return value;
      throw fault(path, `holds ${value}, which JSON cannot; ask for it with binary_data`);
    };
  }
  const format = INTEGERS[datatype];
  if (format === undefined) throw fault(path, `${datatype} has no form in JSON; ask for it with binary_data`);
  return (view, at) => {
    const value = Number(format.read(view, at));
    if (Number.isSafeInteger(value)) return value;
    throw fault(
      path,
      `holds ${format.read(view, at)}, which is too large for JSON; ask for it with binary_data`,
    );
  };
}

function shown(value: unknown): string {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : `of type ${typeof value}`;
}

function fault(param: string, message: string): DomainError {
  return new DomainError('invalid_request', `'${param}': ${message}.`, { param });
}
