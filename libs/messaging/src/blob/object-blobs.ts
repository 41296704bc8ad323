import { createHash, randomUUID } from 'node:crypto';
import { JetStreamApiError } from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import { type ObjectStore, Objm, setSha256Backend, StorageType } from '@nats-io/obj';
import { DomainError } from '@trivium/contracts';
import { type Binary, INLINE_LIMIT } from '@trivium/contracts/content';
import { type Connection, disconnected } from '../connection/connection.js';
import type { Blobs } from '../messaging.js';

const MINUTE_MS = 60_000;
const MIB = 1024 * 1024;
const DEFAULT_TTL_MS = 60 * MINUTE_MS;

/** The broker ends lives by bucket, so each lifetime has its own; none can fill the disk. */
const BUCKETS = [
  { name: 'blobs-10m', ttlMs: 10 * MINUTE_MS, maxBytes: 512 * MIB },
  { name: 'blobs-1h', ttlMs: 60 * MINUTE_MS, maxBytes: 1024 * MIB },
  { name: 'blobs-24h', ttlMs: 24 * 60 * MINUTE_MS, maxBytes: 1024 * MIB },
] as const;

/** Every chunk waits for its acknowledgement, so few large ones beat many small ones. */
const CHUNK_BYTES = 768 * 1024;
const STORE_FULL = new Set([10077, 10047, 10023, 10028]);

// @NOTE the library's digest in JavaScript takes longer than the transfer
setSha256Backend('native');

/** Blobs in JetStream object stores. */
export class ObjectBlobs implements Blobs {
  readonly #connection: Connection;
  readonly #manager: Objm;
  readonly #stores = new Map<string, Promise<ObjectStore>>();

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#manager = new Objm(connection.nats);
  }

  async put(
    bytes: Uint8Array,
    mediaType: string,
    options: { readonly ttlMs?: number | undefined } = {},
  ): Promise<Binary> {
    if (bytes.length <= INLINE_LIMIT) return { kind: 'inline', mediaType, bytes };
    const ttlMs = options.ttlMs ?? DEFAULT_TTL_MS;
    const bucket = BUCKETS.find((candidate) => candidate.ttlMs >= ttlMs);
    if (bucket === undefined) throw new DomainError('invalid_request', 'A blob lives for one day at most.');
    const name = randomUUID();
    const meta = { name, options: { max_chunk_size: Math.min(CHUNK_BYTES, this.#connection.maxPayload) } };
    await this.#attempt(bucket.name, async (store) => store.putBlob(meta, bytes));
    return { kind: 'blob', mediaType, bucket: bucket.name, name, sha256: digest(bytes), size: bytes.length };
  }

  async get(
    binary: Binary,
    options: { readonly maxBytes?: number | undefined; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<Uint8Array> {
    const { maxBytes = Number.POSITIVE_INFINITY, signal } = options;
    const size = binary.kind === 'inline' ? binary.bytes.length : binary.size;
    if (size > maxBytes) {
      throw new DomainError('payload_too_large', `${size} bytes exceed the limit of ${maxBytes} bytes.`, {
        details: { size, limit: maxBytes },
      });
    }
    if (binary.kind === 'inline') return binary.bytes;
    if (signal?.aborted === true) throw abortedBy(signal);
    const bytes = await this.#attempt(binary.bucket, (store) => read(store, binary.name, size, signal));
    if (bytes === undefined) throw new DomainError('not_found', 'The blob does not exist any more.');
    if (bytes.length !== size || digest(bytes) !== binary.sha256) {
      throw new DomainError('internal', 'The blob is not what its reference describes.');
    }
    return bytes;
  }

  async delete(binary: Binary): Promise<void> {
    if (binary.kind === 'inline') return;
    await this.#attempt(binary.bucket, (store) => store.delete(binary.name));
  }

  async #attempt<T>(bucket: string, work: (store: ObjectStore) => Promise<T>): Promise<T> {
    try {
      if (!this.#connection.isConnected) throw disconnected();
      return await work(await this.#store(bucket));
    } catch (error) {
      this.#stores.delete(bucket);
      throw asDomainError(error);
    }
  }

  #store(name: string): Promise<ObjectStore> {
    const bucket = BUCKETS.find((candidate) => candidate.name === name);
    if (bucket === undefined) throw new DomainError('not_found', 'The blob is in no bucket of ours.');
    let store = this.#stores.get(name);
    if (store === undefined) {
      store = this.#manager.create(name, {
        ttl: nanos(bucket.ttlMs),
        max_bytes: bucket.maxBytes,
        storage: StorageType.File,
        replicas: this.#connection.replicas,
      });
      this.#stores.set(name, store);
    }
    return store;
  }
}

/** Undefined when there is no such object. */
async function read(
  store: ObjectStore,
  name: string,
  size: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  const found = await store.get(name);
  if (found === null) return undefined;
  found.error.catch(() => undefined);
  const bytes = Buffer.allocUnsafe(size);
  let offset = 0;
  const reader = found.data.getReader();
  const leave = () => void reader.cancel().catch(() => undefined);
  signal?.addEventListener('abort', leave);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (signal?.aborted === true) throw abortedBy(signal);
      if (done) return bytes.subarray(0, offset);
      if (offset + value.length > size)
        throw new DomainError('internal', 'The blob is longer than its reference says.');
      bytes.set(value, offset);
      offset += value.length;
    }
  } finally {
    signal?.removeEventListener('abort', leave);
  }
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function abortedBy(signal: AbortSignal): DomainError {
  return DomainError.is(signal.reason)
    ? signal.reason
    : new DomainError('cancelled', 'The blob is no longer wanted.', { cause: signal.reason });
}

function asDomainError(error: unknown): DomainError {
  if (DomainError.is(error)) return error;
  if (error instanceof JetStreamApiError && STORE_FULL.has(error.code)) {
    return new DomainError('overloaded', 'The blob store is full.', { retryAfterMs: 30_000, cause: error });
  }
  if (error instanceof JetStreamApiError && error.code === 10037) {
    return new DomainError('not_found', 'The blob does not exist any more.', { cause: error });
  }
  return new DomainError('unavailable', 'The blob store cannot be reached.', {
    retryAfterMs: 1_000,
    cause: error,
  });
}
