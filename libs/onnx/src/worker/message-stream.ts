import type { Duplex } from 'node:stream';
import { decodeMessage, encodeMessage } from './message-codec.js';

/** Lengths of the head and of the list of lengths behind it. */
const PREFIX_BYTES = 8;
const LENGTH_BYTES = 4;

/**
 * Messages over a stream, in order. Each is its lengths, its head and the large byte arrays beside it, which
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
    const { head, bytes } = encodeMessage(message);
    const prefix = Buffer.allocUnsafe(PREFIX_BYTES + LENGTH_BYTES * bytes.length);
    prefix.writeUInt32LE(head.byteLength, 0);
    prefix.writeUInt32LE(LENGTH_BYTES * bytes.length, LENGTH_BYTES);
    bytes.forEach(({ byteLength }, index) => {
      prefix.writeUInt32LE(byteLength, PREFIX_BYTES + LENGTH_BYTES * index);
    });
    if (!this.stream.writable) return;
    this.stream.cork();
    for (const part of [prefix, head, ...bytes]) this.stream.write(part);
    this.stream.uncork();
  }

  /** Nothing more will be sent. */
  end(): void {
    this.stream.end();
  }
}

/** Puts messages together from pieces as they come. */
export class MessageReader {
  readonly #steps: Generator<number, never, Buffer>;
  #target: Buffer;
  #filled = 0;

  constructor(onMessage: (message: unknown) => void) {
    this.#steps = readMessages(onMessage);
    this.#target = Buffer.allocUnsafeSlow(this.#steps.next().value);
  }

  push(chunk: Uint8Array): void {
    let from = 0;
    while (from < chunk.byteLength) {
      const piece = chunk.subarray(from, from + this.#target.byteLength - this.#filled);
      this.#target.set(piece, this.#filled);
      this.#filled += piece.byteLength;
      from += piece.byteLength;
      while (this.#filled === this.#target.byteLength) {
        this.#target = Buffer.allocUnsafeSlow(this.#steps.next(this.#target).value);
        this.#filled = 0;
      }
    }
  }
}

/** Asks for so many bytes at a time and is given them. */
function* readMessages(onMessage: (message: unknown) => void): Generator<number, never, Buffer> {
  for (;;) {
    const prefix = yield PREFIX_BYTES;
    const lengths = yield prefix.readUInt32LE(LENGTH_BYTES);
    const head = yield prefix.readUInt32LE(0);
    const bytes: Buffer[] = [];
    for (let at = 0; at < lengths.byteLength; at += LENGTH_BYTES) bytes.push(yield lengths.readUInt32LE(at));
    onMessage(decodeMessage({ head, bytes }));
  }
}
