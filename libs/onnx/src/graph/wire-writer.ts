import {
  type Extensible,
  type Field,
  fieldsOf,
  type Message,
  type Scalar,
  WIRE_TYPE,
  wireTypeOf,
} from './wire.js';

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
        this.#varint(number * 8 + WIRE_TYPE.DELIMITED);
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
