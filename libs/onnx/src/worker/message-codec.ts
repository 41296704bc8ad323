import { DefaultDeserializer, DefaultSerializer } from 'node:v8';

/** A message as structured clone writes it, and the large byte arrays that it refers to by their number. */
export interface EncodedMessage {
  readonly head: Buffer;
  readonly bytes: readonly Uint8Array[];
}

/** Below it a copy into the message is cheaper than a piece of its own. */
const LEAST_BYTES = 16_384;

/** Where the elements of an array are. */
const INLINE = 0;
const BESIDE = 1;
const BUFFER_BESIDE = 2;

/** Node documents these two for subclasses to override; its types leave them out. */
interface HostObjects {
  _writeHostObject(this: DefaultSerializer, view: ArrayBufferView): void;
  _readHostObject(this: DefaultDeserializer): unknown;
}
const { _writeHostObject: writeInline } = DefaultSerializer.prototype as unknown as HostObjects;
const { _readHostObject: readInline } = DefaultDeserializer.prototype as unknown as HostObjects;

/**
 * What `structuredClone` takes; large byte arrays are not copied. The head begins with `reserved` bytes for
 * the caller. Throws for what cannot be cloned.
 */
export function encodeMessage(message: unknown, reserved = 0): EncodedMessage {
  const serializer = new Serializer();
  if (reserved > 0) serializer.writeRawBytes(new Uint8Array(reserved));
  serializer.writeHeader();
  serializer.writeValue(message);
  return { head: serializer.releaseBuffer(), bytes: serializer.beside };
}

/** The message again; its arrays are views into what it was read from. */
export function decodeMessage({ head, bytes }: EncodedMessage): unknown {
  const deserializer = new Deserializer(head, bytes);
  deserializer.readHeader();
  return deserializer.readValue() as unknown;
}

class Serializer extends DefaultSerializer {
  readonly beside: Uint8Array[] = [];

  _writeHostObject(view: ArrayBufferView): void {
    if (!(view instanceof Uint8Array) || view.byteLength < LEAST_BYTES) {
      this.writeUint32(INLINE);
      writeInline.call(this, view);
      return;
    }
    this.writeUint32(Buffer.isBuffer(view) ? BUFFER_BESIDE : BESIDE);
    this.writeUint32(this.beside.push(view) - 1);
  }
}

class Deserializer extends DefaultDeserializer {
  readonly #beside: readonly Uint8Array[];

  constructor(head: Uint8Array, beside: readonly Uint8Array[]) {
    super(head);
    this.#beside = beside;
  }

  _readHostObject(): unknown {
    const place = this.readUint32();
    if (place === INLINE) return readInline.call(this);
    const bytes = this.#beside[this.readUint32()];
    if (bytes === undefined) throw new RangeError('The message names bytes that did not come with it');
    const { buffer, byteOffset, byteLength } = bytes;
    return place === BUFFER_BESIDE
      ? Buffer.from(buffer, byteOffset, byteLength)
      : new Uint8Array(buffer, byteOffset, byteLength);
  }
}
