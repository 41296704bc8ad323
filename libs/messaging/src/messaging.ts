import type {
  CallContract,
  EventContract,
  PartOf,
  PayloadOf,
  ReplyOf,
  RequestOf,
  StreamContract,
} from '@trivium/contracts';
import type { Binary } from '@trivium/contracts/content';
import type { Objects, ObjectsOptions, Records, RecordsOptions } from './store/store.js';

/** Interactive work is taken before batch work; batch work is never starved. */
export type Priority = 'interactive' | 'batch';

/** What every handler receives beside the request, and hands on to the calls it makes. */
export interface CallContext {
  /** Empty when the caller acts for nobody. */
  readonly tenant: string;
  readonly requestId: string;
  readonly priority: Priority;
  /** Aborted when the caller left, the deadline passed or a drain gave up; the reason is a `DomainError`. */
  readonly signal: AbortSignal;
  /** Milliseconds until the deadline, never below zero; measured on a monotonic clock. */
  remaining(): number;
}

export interface CallOptions {
  /** Go on in this context: tenant, request id, priority, remaining time and signal are inherited. */
  readonly context?: CallContext | undefined;
  readonly tenant?: string | undefined;
  readonly requestId?: string | undefined;
  readonly priority?: Priority | undefined;
  /** Milliseconds from now, 30,000 unless told; never more than the context has left. */
  readonly deadline?: number | undefined;
  /** Beside the context's own signal. */
  readonly signal?: AbortSignal | undefined;
  /** Streams: parts that the producer may be ahead of the reader, 32 unless told. */
  readonly window?: number | undefined;
}

export interface PublishOptions {
  /** Repeats under the same id are stored once. */
  readonly messageId: string;
  readonly tenant?: string | undefined;
}

/** Bytes too large for a message travel by reference, with their digest and a lifetime. */
export interface Blobs {
  /**
   * Inline up to 256 KiB; above, stored for at least `ttlMs` (default one hour, at most one day).
   * With `inline: false` small bytes are stored too, for messages that carry many.
   */
  put(
    bytes: Uint8Array,
    mediaType: string,
    options?: { readonly ttlMs?: number | undefined; readonly inline?: boolean | undefined },
  ): Promise<Binary>;
  /** Checks size and digest; `not_found` when the lifetime is over. */
  get(
    binary: Binary,
    options?: { readonly maxBytes?: number | undefined; readonly signal?: AbortSignal | undefined },
  ): Promise<Uint8Array>;
  /** Idempotent; inline bytes need none. */
  delete(binary: Binary): Promise<void>;
}

export interface Messaging extends AsyncDisposable {
  /** Rejects with a `DomainError`, whatever went wrong. */
  call<C extends CallContract>(
    contract: C,
    request: RequestOf<C>,
    options?: CallOptions,
  ): Promise<ReplyOf<C>>;
  /**
   * Opens when it is iterated. Leaving the loop or aborting cancels the producer; a reader that
   * stops reading stops it too.
   */
  stream<S extends StreamContract>(
    contract: S,
    request: RequestOf<S>,
    options?: CallOptions,
  ): AsyncIterable<PartOf<S>>;
  /** Stored durably and deduplicated by message id when it returns. */
  publish<E extends EventContract>(
    contract: E,
    payload: PayloadOf<E>,
    options: PublishOptions,
  ): Promise<void>;
  readonly blobs: Blobs;
  /** State that replicas share; whoever needs the bucket first makes it, with the options it names. */
  records(bucket: string, options?: RecordsOptions): Records;
  /** Files that replicas share; the bucket is made as that of records. */
  objects(bucket: string, options?: ObjectsOptions): Objects;
  /** The truth of this moment: false from the instant the connection is lost until it is back. */
  isConnected(): boolean;
}

/** The part of a pino logger that messaging writes to. */
export interface MessagingLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Past `queue` waiting requests a subject answers `overloaded` at once. */
export interface AdmissionOptions {
  /** Requests worked on at the same time in this process, 64 unless told. */
  readonly concurrency?: number | undefined;
  /** Requests that may wait for a place, 128 unless told; batch work may fill half of them. */
  readonly queue?: number | undefined;
}
