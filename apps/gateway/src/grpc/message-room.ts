import type { ServerHttp2Stream } from 'node:http2';
import type { ServerInterceptingCallInterface } from '@grpc/grpc-js';
import type { DomainError } from '@trivium/contracts';
import type { BodyBudget, HeldBytes } from '../http/body-budget.js';

/** Of a message on the wire: whether it is compressed, and its length as a big-endian uint32. */
const PREFIX_BYTES = 5;

/**
 * Room in the budget for the messages of one call, taken when the length of each is known and before its
 * bytes are kept. grpc-js shows messages only when they are whole, so that the lengths are read from the
 * HTTP/2 stream that it keeps to itself; see docs/decisions/2026-11-21-grpc-beside-nest.md.
 */
export class MessageRoom {
  readonly #announced: HeldBytes[] = [];
  readonly #prefix = Buffer.alloc(PREFIX_BYTES);
  #prefixBytes = 0;
  #messageBytes = 0;
  #refusal: DomainError | undefined;

  constructor(
    call: ServerInterceptingCallInterface,
    private readonly budget: BodyBudget,
    private readonly mostBytes: number,
    private readonly onRefused: (refusal: DomainError) => void,
  ) {
    const { stream } = call as unknown as { readonly stream?: ServerHttp2Stream };
    // Before the listener of grpc-js: of a refused message it keeps nothing.
    stream?.prependListener('data', (chunk: Buffer) => this.#read(chunk));
    stream?.once('close', () => this.#announced.splice(0).forEach(({ release }) => release()));
  }

  get refused(): boolean {
    return this.#refusal !== undefined;
  }

  /** Of the next message, which has come; whoever works on it releases it. */
  take(): HeldBytes {
    return this.#announced.shift() ?? this.budget.open();
  }

  #read(chunk: Buffer): void {
    for (let at = 0; at < chunk.byteLength && this.#refusal === undefined;) {
      if (this.#messageBytes > 0) {
        const read = Math.min(this.#messageBytes, chunk.byteLength - at);
        this.#messageBytes -= read;
        at += read;
      } else {
        const read = chunk.copy(this.#prefix, this.#prefixBytes, at);
        this.#prefixBytes += read;
        at += read;
        if (this.#prefixBytes === PREFIX_BYTES) this.#announce(this.#prefix.readUInt32BE(1));
      }
    }
  }

  #announce(bytes: number): void {
    this.#prefixBytes = 0;
    this.#messageBytes = bytes;
    const held = this.budget.open();
    this.#announced.push(held);
    // What is too large for any budget is refused by its size, by grpc-js itself.
    if (bytes > this.mostBytes) return;
    this.#refusal = held.hold(bytes);
    if (this.#refusal !== undefined) this.onRefused(this.#refusal);
  }
}
