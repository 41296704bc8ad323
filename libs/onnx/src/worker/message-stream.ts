import type { Duplex } from 'node:stream';
import { decodeMessage, encodeMessage } from './message-codec.js';

/** Length of the head, and how many lengths of arrays follow. */
const PREFIX_BYTES = 8;
const LENGTH_BYTES = 4;

/**
 * Messages over a stream, in order. Each is its head, and the lengths and bytes of the large arrays beside it, which
 * the kernel takes and gives in small pieces: however large a message is, neither side's event loop waits for
 * all of it. An array that was given must not change until the other side has answered.
 */
export class MessageStream<Incoming, Outgoing> {
  constructor(
    private readonly stream: Duplex,
    onMessage: (message: Incoming) => void,
  ) {
    const reader = new MessageReader((message) => onMessage(message as Incoming));
    stream.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch (error) {
        stream.destroy(error instanceof Error ? error : undefined); // a process with broken memory says anything
      }
    });
    stream.on('error', () => undefined); // the end of the other side is seen where its process is watched
  }

  /** Says nothing when the other side is gone. */
  send(message: Outgoing): void {
    const { head, bytes } = encodeMessage(message, PREFIX_BYTES);
    if (!this.stream.writable) return;
    head.writeUInt32LE(head.byteLength - PREFIX_BYTES, 0);
    head.writeUInt32LE(bytes.length, LENGTH_BYTES);
    if (bytes.length === 0) {
      this.stream.write(head);
      return;
    }
    const lengths = Buffer.allocUnsafe(LENGTH_BYTES * bytes.length);
    bytes.forEach(({ byteLength }, index) => lengths.writeUInt32LE(byteLength, LENGTH_BYTES * index));
    this.stream.cork();
    for (const part of [head, lengths, ...bytes]) this.stream.write(part);
    this.stream.uncork();
  }

  /** Nothing more will be sent. */
  end(): void {
    this.stream.end();
  }
}

/** Puts messages together from pieces as they come. */
export class MessageReader {
  readonly #parts: Generator<Buffer, never, void>;
  #part: Buffer;
  #filled = 0;

  constructor(onMessage: (message: unknown) => void) {
    this.#parts = partsOfMessages(onMessage);
    this.#part = this.#parts.next().value;
  }

  push(chunk: Uint8Array): void {
    let from = 0;
    while (from < chunk.byteLength) {
      const piece = chunk.subarray(from, from + this.#part.byteLength - this.#filled);
      this.#part.set(piece, this.#filled);
      this.#filled += piece.byteLength;
      from += piece.byteLength;
      if (this.#filled === this.#part.byteLength) {
        this.#part = this.#parts.next().value;
        this.#filled = 0;
      }
    }
  }
}

/** Hands out one buffer after the other and goes on when it has been filled. */
function* partsOfMessages(onMessage: (message: unknown) => void): Generator<Buffer, never, void> {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  for (;;) {
    yield prefix;
    const head = Buffer.allocUnsafe(prefix.readUInt32LE(0));
    yield head;
    const lengths = Buffer.alloc(LENGTH_BYTES * prefix.readUInt32LE(LENGTH_BYTES));
    if (lengths.byteLength > 0) yield lengths;
    const bytes: Buffer[] = [];
    for (let at = 0; at < lengths.byteLength; at += LENGTH_BYTES) {
      const part = Buffer.allocUnsafeSlow(lengths.readUInt32LE(at));
      yield part;
      bytes.push(part);
    }
    onMessage(decodeMessage({ head, bytes }));
  }
}
