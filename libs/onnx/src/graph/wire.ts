/** Element types of protobuf fields, as far as ONNX uses them. `int53` is an int64 that must be exact as a number. */
export type Scalar = 'int64' | 'uint64' | 'int53' | 'int32' | 'float' | 'double' | 'string' | 'bytes';

export interface Field {
  readonly name: string;
  readonly number: number;
  readonly type: Scalar | Message;
  /** `always`: an empty list when the message holds none; `some`: no property then. */
  readonly repeated?: 'always' | 'some';
  readonly packed?: boolean;
}

/** A message type; its fields are looked up late, because graphs hold nodes that hold graphs. */
export interface Message {
  readonly name: string;
  readonly fields: () => readonly Field[];
}

/** Fields that the schema does not know, tag included; written back behind the known ones. */
export interface Extensible {
  unknownFields?: Uint8Array[];
}

export class WireError extends Error {
  override readonly name = 'WireError';
}

type Decoded = Record<string, unknown> & Extensible;

/** Protobuf's own limit; without one, nesting in a hostile file would exhaust the stack. */
const MAX_DEPTH = 100;
const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;
const TWO_32 = 2 ** 32;

const byNumber = new WeakMap<Message, ReadonlyMap<number, Field>>();

function fieldsOf(message: Message): ReadonlyMap<number, Field> {
  const known = byNumber.get(message);
  if (known !== undefined) return known;
  const fields = new Map(message.fields().map((field) => [field.number, field]));
  byNumber.set(message, fields);
  return fields;
}

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
    if (wireType === VARINT) this.varint();
    else if (wireType === FIXED64) this.block(8);
    else if (wireType === DELIMITED) this.block(this.length());
    else if (wireType === FIXED32) this.block(4);
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

function wireTypeOf(type: Scalar | Message): number {
  if (typeof type !== 'string' || type === 'string' || type === 'bytes') return DELIMITED;
  if (type === 'float') return FIXED32;
  return type === 'double' ? FIXED64 : VARINT;
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
    const isPacked = field?.repeated !== undefined && wireType === DELIMITED && expected !== DELIMITED;
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

function varintSize(value: number | bigint): number {
  if (value < 0) return 10;
  if (typeof value === 'bigint') return Math.ceil(value.toString(2).length / 7);
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 128)) size += 1;
  return size;
}

function scalarSize(type: Scalar, value: unknown): number {
  switch (type) {
    case 'float':
      return 4;
    case 'double':
      return 8;
    case 'string':
      return delimited(Buffer.byteLength(value as string));
    case 'bytes':
      return delimited((value as Uint8Array).byteLength);
    default:
      return varintSize(value as number | bigint);
  }
}

const delimited = (length: number): number => varintSize(length) + length;

/** Sizes come before contents on the wire, so they are counted first, once per message. */
class Writer {
  readonly #sizes = new WeakMap<object, number>();
  #bytes = Buffer.alloc(0);
  #position = 0;

  encode(message: Message, value: object): Uint8Array {
    this.#bytes = Buffer.allocUnsafe(this.#size(message, value));
    this.#message(message, value);
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
  }

  #size(message: Message, value: object): number {
    const known = this.#sizes.get(value);
    if (known !== undefined) return known;
    let size = 0;
    for (const field of fieldsOf(message).values()) {
      const tag = varintSize(field.number * 8);
      const items = itemsOf(value, field);
      if (field.packed === true) {
        if (items.length > 0) size += tag + delimited(this.#packedSize(field, items));
      } else for (const item of items) size += tag + this.#itemSize(field, item);
    }
    for (const unknown of (value as Extensible).unknownFields ?? []) size += unknown.byteLength;
    this.#sizes.set(value, size);
    return size;
  }

  #itemSize({ type }: Field, item: unknown): number {
    return typeof type === 'string' ? scalarSize(type, item) : delimited(this.#size(type, item as object));
  }

  #packedSize({ type }: Field, items: readonly unknown[]): number {
    return items.reduce<number>((sum, item) => sum + scalarSize(type as Scalar, item), 0);
  }

  #message(message: Message, value: object): void {
    for (const field of fieldsOf(message).values()) {
      const { number, type, packed } = field;
      const items = itemsOf(value, field);
      if (packed === true) {
        if (items.length === 0) continue;
        this.#varint(number * 8 + DELIMITED);
        this.#varint(this.#packedSize(field, items));
        for (const item of items) this.#scalar(type as Scalar, item);
        continue;
      }
      for (const item of items) {
        this.#varint(number * 8 + wireTypeOf(type));
        if (typeof type === 'string') this.#scalar(type, item);
        else {
          this.#varint(this.#size(type, item as object));
          this.#message(type, item as object);
        }
      }
    }
    for (const unknown of (value as Extensible).unknownFields ?? []) this.#block(unknown);
  }

  #scalar(type: Scalar, value: unknown): void {
    if (type === 'float') this.#position = this.#bytes.writeFloatLE(value as number, this.#position);
    else if (type === 'double') this.#position = this.#bytes.writeDoubleLE(value as number, this.#position);
    else if (type === 'string') {
      this.#varint(Buffer.byteLength(value as string));
      this.#position += this.#bytes.write(value as string, this.#position);
    } else if (type === 'bytes') {
      this.#varint((value as Uint8Array).byteLength);
      this.#block(value as Uint8Array);
    } else this.#varint(value as number | bigint);
  }

  #varint(value: number | bigint): void {
    if (typeof value === 'bigint' || value < 0) {
      let rest = BigInt.asUintN(64, BigInt(value));
      for (; rest >= 0x80n; rest >>= 7n) this.#bytes[this.#position++] = Number(rest & 0x7fn) | 0x80;
      this.#bytes[this.#position++] = Number(rest);
      return;
    }
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) this.#bytes[this.#position++] = (rest % 128) | 0x80;
    this.#bytes[this.#position++] = rest;
  }

  #block(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#position);
    this.#position += bytes.byteLength;
  }
}

function itemsOf(value: object, { name, repeated }: Field): readonly unknown[] {
  const item = (value as Record<string, unknown>)[name];
  if (item === undefined) return [];
  return repeated === undefined ? [item] : (item as readonly unknown[]);
}

/** The wire form of a message, fields in the order of the schema. */
export function encodeMessage(message: Message, value: object): Uint8Array {
  return new Writer().encode(message, value);
}
