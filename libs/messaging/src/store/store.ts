/** A value with the revision that a change of it must expect. */
export interface StoredRecord {
  readonly key: string;
  readonly value: unknown;
  readonly revision: number;
}

export type RecordChange =
  | ({ readonly kind: 'value' } & StoredRecord)
  | { readonly kind: 'deleted'; readonly key: string }
  /** Everything that was there when the watch began, or when the connection came back, has been told. */
  | { readonly kind: 'current' };

export interface RecordsOptions {
  /** Records that have not changed for so long go by themselves, untold by watches; absent: never. */
  readonly ttlMs?: number | undefined;
  /** Largest encoded value, 512 KiB unless told. */
  readonly maxValueBytes?: number | undefined;
}

/**
 * Small values that all replicas of all services share, each replaced as a whole. Reads see every write
 * that was acknowledged before. Keys are up to 255 characters in segments divided by `/`; values are
 * whatever MessagePack can say.
 */
export interface Records {
  get(key: string): Promise<StoredRecord | undefined>;
  /**
   * The new revision. With an expected revision (0: there is none yet) the write happens only when it is
   * still the current one, and is a `conflict` otherwise; `payload_too_large` above the limit.
   */
  put(key: string, value: unknown, expectedRevision?: number): Promise<number>;
  /** Idempotent without a revision; with one, a `conflict` when it is not the current one any more. */
  delete(key: string, expectedRevision?: number): Promise<void>;
  /** In the order of keys; those that begin with the prefix. */
  list(prefix?: string): Promise<StoredRecord[]>;
  /**
   * What there is, `current`, and then every change until the signal aborts, which ends the loop. After
   * a lost connection it tells what there is again, with `deleted` for what went in between. A reader
   * that is slow gets the last of several changes of a key.
   */
  watch(options: {
    readonly prefix?: string | undefined;
    readonly signal: AbortSignal;
  }): AsyncIterable<RecordChange>;
}

export interface ObjectsOptions {
  /** Bytes that the bucket may hold, reserved at the broker; absent: what the broker has. Full is `overloaded`. */
  readonly maxBytes?: number | undefined;
  /** Objects end by themselves so long after they were put; absent: never. */
  readonly ttlMs?: number | undefined;
}

export interface StoredObject {
  readonly name: string;
  readonly bytes: number;
  /** Lower-case hex of the content. */
  readonly sha256: string;
  /** Epoch milliseconds by the clock of whoever put it. */
  readonly storedAt: number;
}

/** Files of any size that all replicas share, in chunks: never a whole one in memory. */
export interface Objects {
  /**
   * Visible when all of it is stored, never in part; replaces what had the name. Content that has not the
   * given digest is `invalid_request` and leaves nothing behind.
   */
  put(
    name: string,
    content: Uint8Array | AsyncIterable<Uint8Array>,
    options?: { readonly sha256?: string | undefined; readonly signal?: AbortSignal | undefined },
  ): Promise<StoredObject>;
  /**
   * Chunks in order, read as fast as they are taken. Throws `not_found`, and `internal` at the end when
   * the bytes are not those that were put: nothing may be believed before the loop has ended.
   */
  get(name: string, options?: { readonly signal?: AbortSignal | undefined }): AsyncIterable<Uint8Array>;
  info(name: string): Promise<StoredObject | undefined>;
  /** Whether there was one. */
  delete(name: string): Promise<boolean>;
  list(): Promise<StoredObject[]>;
  /** Removes what writers that died left in the bucket more than so many milliseconds ago; how many pieces. */
  sweep(olderThanMs: number): Promise<number>;
}
