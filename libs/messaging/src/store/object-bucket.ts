import { createHash } from 'node:crypto';
import { type JetStreamManager, jetstreamManager, type StoredMsg, StorageType } from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import { type ObjectInfo, type ObjectStore, Objm } from '@nats-io/obj';
import { DomainError } from '@trivium/contracts';
import type { ByteBudget } from '../blob/byte-budget.js';
import type { Connection } from '../connection/connection.js';
import { storeError, unlessAborted } from './attempt.js';
import type { Objects, ObjectsOptions, StoredObject } from './store.js';

/** Every chunk waits for its acknowledgement, so few large ones beat many small ones. */
const CHUNK_BYTES = 512 * 1024;
const LOOKUPS_AT_ONCE = 8;

interface Store {
  readonly objects: ObjectStore;
  readonly manager: JetStreamManager;
}

/**
 * Files in a JetStream object store. Written by the library; read chunk by chunk, because the library's
 * reader takes what the broker pushes however slow its own reader is, and holds a large file whole.
 */
export class ObjectBucket implements Objects {
  readonly #connection: Connection;
  readonly #bucket: string;
  readonly #options: ObjectsOptions;
  readonly #reading: ByteBudget;
  #store: Promise<Store> | undefined;

  constructor(connection: Connection, bucket: string, reading: ByteBudget, options: ObjectsOptions = {}) {
    this.#connection = connection;
    this.#bucket = bucket;
    this.#reading = reading;
    this.#options = options;
  }

  async put(
    name: string,
    content: Uint8Array | AsyncIterable<Uint8Array>,
    options: { readonly sha256?: string | undefined; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<StoredObject> {
    const left = new AbortController();
    const chunkBytes = Math.min(CHUNK_BYTES, this.#connection.maxPayload);
    const ends = this.#ends(options.signal);
    try {
      return await this.#attempt(async ({ objects }) => {
        const meta = { name, options: { max_chunk_size: chunkBytes } };
        const source = checked(pieces(content, chunkBytes), options.sha256, [...ends, left.signal]);
        return toStored(await objects.put(meta, ReadableStream.from(source)));
      }, ends);
    } finally {
      left.abort(); // the library goes on writing when nobody waits for it any more
    }
  }

  async *get(
    name: string,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): AsyncIterable<Uint8Array> {
    const ends = this.#ends(options.signal);
    const info = await this.#attempt(({ objects }) => objects.info(name), ends);
    if (info === null || info.deleted) throw missing(name);
    const hash = createHash('sha256');
    let bytes = 0;
    let next = info.chunks > 0 ? this.#chunk(info, 1, ends) : undefined;
    for (let index = 1; next !== undefined; index++) {
      const chunk = await next;
      // one ahead: the broker looks for it while the reader works
      next = index < info.chunks ? this.#chunk(info, chunk.seq + 1, ends) : undefined;
      next?.catch(() => undefined);
      hash.update(chunk.data);
      bytes += chunk.data.length;
      yield chunk.data;
    }
    if (bytes !== info.size || hash.digest('hex') !== toHex(info.digest)) {
      throw new DomainError('internal', `The object ${name} is not what was stored.`);
    }
  }

  async info(name: string): Promise<StoredObject | undefined> {
    const info = await this.#attempt(({ objects }) => objects.info(name)).catch(undefinedWhenMissing);
    return info === undefined || info === null || info.deleted ? undefined : toStored(info);
  }

  async delete(name: string): Promise<boolean> {
    return this.#attempt(async ({ objects }) => {
      const info = await objects.info(name);
      if (info === null || info.deleted) return false;
      return (await objects.delete(name)).success;
    }).catch((error: unknown) => undefinedWhenMissing(error) ?? false);
  }

  async list(): Promise<StoredObject[]> {
    const names = (await this.#subjects('M')).map((token) => Buffer.from(token, 'base64url').toString());
    const found: StoredObject[] = [];
    for (let start = 0; start < names.length; start += LOOKUPS_AT_ONCE) {
      const some = names.slice(start, start + LOOKUPS_AT_ONCE);
      for (const info of await Promise.all(some.map((name) => this.info(name)))) {
        if (info !== undefined) found.push(info);
      }
    }
    return found.toSorted((left, right) => (left.name < right.name ? -1 : 1));
  }

  async sweep(olderThanMs: number): Promise<number> {
    // @NOTE pieces first: those of an object that is finished in between have their owner when owners are read
    const pieces = await this.#subjects('C');
    const owned = new Set<string>();
    for (const { name } of await this.list()) {
      const info = await this.#attempt(({ objects }) => objects.info(name)).catch(undefinedWhenMissing);
      if (info) owned.add(info.nuid);
    }
    let swept = 0;
    for (const nuid of pieces) {
      if (owned.has(nuid)) continue;
      const filter = `$O.${this.#bucket}.C.${nuid}`;
      swept += await this.#attempt(async ({ manager }) => {
        const last = await manager.streams.getMessage(this.#stream, { last_by_subj: filter });
        if (last === null || Date.now() - last.time.getTime() < olderThanMs) return 0;
        await manager.streams.purge(this.#stream, { filter });
        return 1;
      });
    }
    return swept;
  }

  /** The first chunk at or after this place in the stream. */
  async #chunk({ nuid, name }: ObjectInfo, from: number, ends: readonly AbortSignal[]): Promise<StoredMsg> {
    using _permit = await this.#reading.enter(CHUNK_BYTES, ends);
    const query = { seq: from, next_by_subj: `$O.${this.#bucket}.C.${nuid}` };
    const chunk = await this.#attempt(
      async ({ manager }) =>
        // a follower may answer the first, and not have it yet
        (await manager.direct.getMessage(this.#stream, query)) ??
        (await manager.streams.getMessage(this.#stream, query)),
      ends,
    );
    if (chunk === null) throw missing(name);
    return chunk;
  }

  /** Last tokens of the subjects in the bucket that hold metadata (M) or chunks (C). */
  async #subjects(kind: 'M' | 'C'): Promise<string[]> {
    const start = `$O.${this.#bucket}.${kind}.`;
    const { state } = await this.#attempt(({ manager }) =>
      manager.streams.info(this.#stream, { subjects_filter: `${start}>` }),
    );
    return Object.keys(state.subjects ?? {}).map((subject) => subject.slice(start.length));
  }

  get #stream(): string {
    return `OBJ_${this.#bucket}`;
  }

  #ends(signal: AbortSignal | undefined): readonly AbortSignal[] {
    return signal === undefined ? [this.#connection.loss] : [this.#connection.loss, signal];
  }

  /** The library waits for a broker that is gone; we do not. */
  async #attempt<T>(
    work: (store: Store) => Promise<T>,
    ends: readonly AbortSignal[] = [this.#connection.loss],
  ): Promise<T> {
    try {
      return await unlessAborted(this.#open().then(work), ends);
    } catch (error) {
      const failure = storeError(error);
      if (failure.code === 'unavailable') this.#store = undefined;
      throw failure;
    }
  }

  #open(): Promise<Store> {
    this.#store ??= this.#create();
    return this.#store;
  }

  async #create(): Promise<Store> {
    const { nats, replicas } = this.#connection;
    const { maxBytes, ttlMs } = this.#options;
    const objects = await new Objm(nats).create(this.#bucket, {
      storage: StorageType.File,
      replicas,
      ...(maxBytes === undefined ? {} : { max_bytes: maxBytes }),
      ...(ttlMs === undefined ? {} : { ttl: nanos(ttlMs) }),
    });
    return { objects, manager: await jetstreamManager(nats, { checkAPI: false }) };
  }
}

/** Cut so that the library's buffer never holds more than one piece. */
async function* pieces(
  content: Uint8Array | AsyncIterable<Uint8Array>,
  size: number,
): AsyncIterable<Uint8Array> {
  for await (const bytes of content instanceof Uint8Array ? [content] : content) {
    for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
  }
}

/** Fails before the last byte is stored when the content is not the one that was promised. */
async function* checked(
  content: AsyncIterable<Uint8Array>,
  sha256: string | undefined,
  ends: readonly AbortSignal[],
): AsyncIterable<Uint8Array> {
  const hash = sha256 === undefined ? undefined : createHash('sha256');
  for await (const bytes of content) {
    for (const end of ends) end.throwIfAborted();
    hash?.update(bytes);
    yield bytes;
  }
  for (const end of ends) end.throwIfAborted();
  const found = hash?.digest('hex');
  if (found === sha256) return;
  throw new DomainError('invalid_request', `The content has SHA-256 ${found}, not ${sha256}.`, {
    details: { expected: sha256, found },
  });
}

function undefinedWhenMissing(error: unknown): undefined {
  if (DomainError.is(error) && error.code === 'not_found') return undefined;
  throw error;
}

function missing(name: string): DomainError {
  return new DomainError('not_found', `There is no object ${name}.`);
}

function toStored({ name, size, digest, mtime }: ObjectInfo): StoredObject {
  return { name, bytes: size, sha256: toHex(digest), storedAt: Date.parse(mtime) };
}

/** `SHA-256=<base64url>` as everybody else writes it. */
function toHex(digest: string): string {
  return Buffer.from(digest.slice(digest.indexOf('=') + 1), 'base64url').toString('hex');
}
