import {
  type Extensible,
  type Field,
  fieldsOf,
  type Message,
  type Scalar,
  WIRE_TYPE,
  WireError,
  wireTypeOf,
} from './wire.js';

type Decoded = Record<string, unknown> & Extensible;

/** Protobuf's own limit; without one, nesting in a hostile file would exhaust the stack. */
const MAX_DEPTH = 100;
const TWO_32 = 2 ** 32;

class Reader {
  position = 0;
  readonly #view: DataView;

  constructor(private readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.position >= this.bytes.length;
  }

  /** Low and high 32 bits. */
  varint(): readonly [number, number] {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.bytes[this.position++];
      if (byte === undefined) throw new WireError('ends inside a number');
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high |= bits >>> 4;
      } else high |= bits << (shift - 32);
      if (byte < 0x80) return [low >>> 0, high >>> 0];
    }
    throw new WireError('holds a number of more than 64 bits');
  }

  signed(): number | bigint {
    const [low, high] = this.varint();
    const value = (high | 0) * TWO_32 + low;
    return Number.isSafeInteger(value) ? value : (BigInt(high | 0) << 32n) | BigInt(low);
  }

  unsigned(): number | bigint {
    const [low, high] = this.varint();
    const value = high * TWO_32 + low;
    return Number.isSafeInteger(value) ? value : (BigInt(high) << 32n) | BigInt(low);
  }

  length(): number {
    const [low, high] = this.varint();
    if (high !== 0 || low > this.bytes.length - this.position) throw new WireError('ends inside a field');
    return low;
  }

  /** A view, not a copy: weights are most of a model. */
  block(length: number): Uint8Array {
    if (length > this.bytes.length - this.position) throw new WireError('ends inside a field');
    const start = this.bytes.byteOffset + this.position;
    this.position += length;
    return new Uint8Array(this.bytes.buffer, start, length);
  }

  float(): number {
    this.#need(4);
    const value = this.#view.getFloat32(this.position, true);
    this.position += 4;
    return value;
  }

  double(): number {
    this.#need(8);
    const value = this.#view.getFloat64(this.position, true);
    this.position += 8;
    return value;
  }

  /** A field of the schema's future, whose bytes are kept. */
  skip(wireType: number): void {
    if (wireType === WIRE_TYPE.VARINT) this.varint();
    else if (wireType === WIRE_TYPE.FIXED64) this.block(8);
    else if (wireType === WIRE_TYPE.DELIMITED) this.block(this.length());
    else if (wireType === WIRE_TYPE.FIXED32) this.block(4);
    else throw new WireError(`holds a field of unknown wire type ${wireType}`);
  }

  slice(from: number): Uint8Array {
    return this.bytes.subarray(from, this.position);
  }

  #need(bytes: number): void {
    if (bytes > this.bytes.length - this.position) throw new WireError('ends inside a field');
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function text(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new WireError('holds a name that is not UTF-8', { cause });
  }
}

function exact(value: number | bigint): number {
  if (typeof value === 'number') return value;
  throw new WireError(`holds a size of ${value}`);
}

function readScalar(reader: Reader, type: Scalar): unknown {
  switch (type) {
    case 'int64':
      return reader.signed();
    case 'uint64':
      return reader.unsigned();
    case 'int53':
      return exact(reader.signed());
    case 'int32':
      return reader.varint()[0] | 0;
    case 'float':
      return reader.float();
    case 'double':
      return reader.double();
    case 'string':
      return text(reader.block(reader.length()));
    case 'bytes':
      return reader.block(reader.length());
  }
}

/**
 * Reads one message. Byte fields are views into `bytes`. 64-bit numbers are numbers where that is exact
 * and bigints elsewhere, so that nothing is rounded on the way through.
 */
export function decodeMessage(message: Message, bytes: Uint8Array, depth = 0): Decoded {
  if (depth > MAX_DEPTH) throw new WireError(`is nested deeper than ${MAX_DEPTH} messages`);
  const fields = fieldsOf(message);
  const decoded: Decoded = {};
  for (const { name, repeated } of fields.values()) if (repeated === 'always') decoded[name] = [];
  const reader = new Reader(bytes);
  while (!reader.atEnd) {
    const start = reader.position;
    const [tag] = reader.varint();
    const wireType = tag & 7;
    const field = fields.get(tag >>> 3);
    const expected = field === undefined ? undefined : wireTypeOf(field.type);
    const isPacked =
      field?.repeated !== undefined && wireType === WIRE_TYPE.DELIMITED && expected !== WIRE_TYPE.DELIMITED;
    if (field === undefined || (wireType !== expected && !isPacked)) {
      reader.skip(wireType);
      (decoded.unknownFields ??= []).push(reader.slice(start));
      continue;
    }
    readField(reader, field, decoded, isPacked, depth);
  }
  return decoded;
}

function readField(reader: Reader, field: Field, decoded: Decoded, isPacked: boolean, depth: number): void {
  const { name, type, repeated } = field;
  if (typeof type !== 'string') {
    const value = decodeMessage(type, reader.block(reader.length()), depth + 1);
    if (repeated === undefined) decoded[name] = value;
    else listOf(decoded, name).push(value);
    return;
  }
  if (!isPacked) {
    const value = readScalar(reader, type);
    if (repeated === undefined) decoded[name] = value;
    else listOf(decoded, name).push(value);
    return;
  }
  const list = listOf(decoded, name);
  const packed = new Reader(reader.block(reader.length()));
  while (!packed.atEnd) list.push(readScalar(packed, type));
}

function listOf(decoded: Decoded, name: string): unknown[] {
  const list = (decoded[name] ?? []) as unknown[];
  decoded[name] = list;
  return list;
}
