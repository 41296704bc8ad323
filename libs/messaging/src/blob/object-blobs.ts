import { randomUUID } from 'node:crypto';
import { nanos } from '@nats-io/nats-core';
import { type ObjectStore, Objm, setSha256Backend, StorageType } from '@nats-io/obj';
import { DomainError } from '@trivium/contracts';
import { type Binary, INLINE_LIMIT } from '@trivium/contracts/content';
import type { Connection } from '../connection/connection.js';
import type { Blobs } from '../messaging.js';
import { storeError, unlessAborted } from '../store/attempt.js';
import { ByteBudget } from './byte-budget.js';

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
const CHUNK_BYTES = 512 * 1024;
/**
 * Read at a time by one process. The broker drops a client that has 64 MiB pending (its `max_pending`),
 * and with it every call in flight on the same connection.
 */
const READ_BUDGET_BYTES = 24 * MIB;

// @NOTE the library's digest in JavaScript takes longer than the transfer
setSha256Backend('native');

/** Blobs in JetStream object stores. */
export class ObjectBlobs implements Blobs {
  readonly #connection: Connection;
  readonly #manager: Objm;
  readonly #reading = new ByteBudget(READ_BUDGET_BYTES);
  readonly #stores = new Map<string, Promise<ObjectStore>>();

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#manager = new Objm(connection.nats);
  }

  async put(
    bytes: Uint8Array,
    mediaType: string,
    options: { readonly ttlMs?: number | undefined; readonly inline?: boolean | undefined } = {},
  ): Promise<Binary> {
    if (bytes.length <= INLINE_LIMIT && options.inline !== false) return { kind: 'inline', mediaType, bytes };
    const ttlMs = options.ttlMs ?? DEFAULT_TTL_MS;
    const bucket = BUCKETS.find((candidate) => candidate.ttlMs >= ttlMs);
    if (bucket === undefined) throw new DomainError('invalid_request', 'A blob lives for one day at most.');
    const name = randomUUID();
    const meta = { name, options: { max_chunk_size: Math.min(CHUNK_BYTES, this.#connection.maxPayload) } };
    const stored = await this.#attempt(bucket.name, (store) => store.putBlob(meta, bytes));
    return {
      kind: 'blob',
      mediaType,
      bucket: bucket.name,
      name,
      sha256: toHex(stored.digest),
      size: bytes.length,
    };
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
    const ends = signal === undefined ? [this.#connection.loss] : [this.#connection.loss, signal];
    const bytes = await this.#attempt(
      binary.bucket,
      async (store) => {
        using _permit = await this.#reading.enter(binary.size, ends);
        return await read(store, binary, ends);
      },
      ends,
    );
    if (bytes === undefined) throw new DomainError('not_found', 'The blob does not exist any more.');
    return bytes;
  }

  async delete(binary: Binary): Promise<void> {
    if (binary.kind === 'inline') return;
    await this.#attempt(binary.bucket, (store) => store.delete(binary.name));
  }

  /** The library waits for a broker that is gone; we do not. */
  async #attempt<T>(
    bucket: string,
    work: (store: ObjectStore) => Promise<T>,
    ends: readonly AbortSignal[] = [this.#connection.loss],
  ): Promise<T> {
    try {
      return await unlessAborted(this.#store(bucket).then(work), ends);
    } catch (error) {
      this.#stores.delete(bucket);
      throw storeError(error);
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

/**
 * Undefined when there is no such object. The store compares the content with the digest that it
 * noted, and we that digest with the reference, so the content is hashed once.
 */
async function read(
  store: ObjectStore,
  { name, size, sha256 }: Extract<Binary, { kind: 'blob' }>,
  ends: readonly AbortSignal[],
): Promise<Uint8Array | undefined> {
  const found = await store.get(name);
  if (found === null) return undefined;
  found.error.catch(() => undefined);
  const reader = found.data.getReader();
  try {
    if (found.info.size !== size || toHex(found.info.digest) !== sha256) throw mismatch();
    const bytes = Buffer.allocUnsafe(size);
    let offset = 0;
    for (;;) {
      const { done, value } = await unlessAborted(reader.read(), ends);
      if (done) break;
      if (offset + value.length > size) throw mismatch();
      bytes.set(value, offset);
      offset += value.length;
    }
    if (offset < size) throw mismatch();
    return bytes;
  } catch (error) {
    void reader.cancel().catch(() => undefined);
    throw error;
  }
}

function mismatch(): DomainError {
  return new DomainError('internal', 'The blob is not what its reference describes.');
}

/** `SHA-256=<base64url>` as the reference writes it. */
function toHex(digest: string): string {
  return Buffer.from(digest.slice(digest.indexOf('=') + 1), 'base64url').toString('hex');
}
