import { DeliverPolicy, jetstream, type JsMsg, StorageType } from '@nats-io/jetstream';
import { type KV, Kvm } from '@nats-io/kv';
import { DomainError } from '@trivium/contracts';
import type { Connection } from '../connection/connection.js';
import { decodeBody, encodeBody } from '../wire/body.js';
import { storeError, unlessAborted } from './attempt.js';
import { decodeKey, encodeKey, prefixFilter } from './record-key.js';
import type { RecordChange, Records, RecordsOptions, StoredRecord } from './store.js';
import { watchRecords } from './watch-records.js';

const MAX_VALUE_BYTES = 512 * 1024;
/** A message of the broker's is the value, its key and its headers. */
const MESSAGE_ROOM = 1_024;
const LIST_MS = 10_000;
const OPERATION = 'KV-Operation';

/** Records in a JetStream key-value bucket, made by whoever needs it first. */
export class KvRecords implements Records {
  readonly #connection: Connection;
  readonly #bucket: string;
  readonly #ttlMs: number | undefined;
  readonly #maxValueBytes: number;
  #store: Promise<KV> | undefined;

  constructor(connection: Connection, bucket: string, options: RecordsOptions = {}) {
    this.#connection = connection;
    this.#bucket = bucket;
    this.#ttlMs = options.ttlMs;
    this.#maxValueBytes = options.maxValueBytes ?? MAX_VALUE_BYTES;
  }

  async get(key: string): Promise<StoredRecord | undefined> {
    const encoded = encodeKey(key);
    return this.#attempt(async (store) => {
      const entry = await store.get(encoded);
      if (entry?.operation !== 'PUT') return undefined;
      return { key, value: decodeBody(entry.value), revision: entry.revision };
    });
  }

  async put(key: string, value: unknown, expectedRevision?: number): Promise<number> {
    const encoded = encodeKey(key);
    const bytes = encodeBody(value);
    if (bytes.length > this.#maxValueBytes) {
      throw new DomainError(
        'payload_too_large',
        `The value of ${key} has ${bytes.length} bytes; ${this.#maxValueBytes} are allowed.`,
        { details: { size: bytes.length, limit: this.#maxValueBytes } },
      );
    }
    return this.#attempt((store) => {
      if (expectedRevision === undefined) return store.put(encoded, bytes);
      return expectedRevision === 0
        ? store.create(encoded, bytes)
        : store.update(encoded, bytes, expectedRevision);
    });
  }

  async delete(key: string, expectedRevision?: number): Promise<void> {
    const encoded = encodeKey(key);
    await this.#attempt((store) =>
      store.delete(encoded, expectedRevision === undefined ? {} : { previousSeq: expectedRevision }),
    );
  }

  async list(prefix = ''): Promise<StoredRecord[]> {
    const ends = [this.#connection.loss, AbortSignal.timeout(LIST_MS)];
    return this.#attempt(async () => {
      const subscription = await this.#subscribe(prefix);
      try {
        const records = subscription.pending === 0 ? [] : await unlessAborted(collect(subscription), ends);
        return records
          .filter(({ key }) => key.startsWith(prefix))
          .toSorted((left, right) => (left.key < right.key ? -1 : 1));
      } finally {
        subscription.close();
      }
    }, ends);
  }

  watch({
    prefix = '',
    signal,
  }: {
    readonly prefix?: string | undefined;
    readonly signal: AbortSignal;
  }): AsyncIterable<RecordChange> {
    return watchRecords({
      connection: this.#connection,
      bucket: this.#bucket,
      prefix,
      signal,
      subscribe: () => this.#attempt(() => this.#subscribe(prefix), [this.#connection.loss, signal]),
    });
  }

  /** The last message of every key, and then what comes. */
  async #subscribe(prefix: string): Promise<Subscription> {
    const { consumers } = jetstream(this.#connection.nats, { watcherPrefix: this.#connection.inboxPrefix });
    const consumer = await consumers.getPushConsumer(`KV_${this.#bucket}`, {
      filter_subjects: `$KV.${this.#bucket}.${prefixFilter(prefix)}`,
      deliver_policy: DeliverPolicy.LastPerSubject,
    });
    const { num_pending: pending } = await consumer.info(true);
    const messages = await consumer.consume({ abort_on_missing_resource: true });
    const subjectStart = `$KV.${this.#bucket}.`.length;
    return {
      pending,
      changes: toChanges(messages, subjectStart),
      close: () => {
        messages.stop();
        // @NOTE the broker would keep it for five minutes
        void consumer.delete().catch(() => undefined);
      },
    };
  }

  /** The library waits for a broker that is gone; we do not. */
  async #attempt<T>(
    work: (store: KV) => Promise<T>,
    ends: readonly AbortSignal[] = [this.#connection.loss],
  ): Promise<T> {
    try {
      return await unlessAborted(this.#open().then(work), ends);
    } catch (error) {
      const failure = storeError(error);
      if (failure.code !== 'conflict') this.#store = undefined;
      throw failure;
    }
  }

  #open(): Promise<KV> {
    this.#store ??= new Kvm(this.#connection.nats).create(this.#bucket, {
      history: 1,
      storage: StorageType.File,
      replicas: this.#connection.replicas,
      maxValueSize: this.#maxValueBytes + MESSAGE_ROOM,
      // @NOTE a follower may answer direct reads, and not know yet of a write that was acknowledged
      allow_direct: false,
      ...(this.#ttlMs === undefined ? {} : { ttl: this.#ttlMs }),
    });
    return this.#store;
  }
}

/** A change, and how many messages the broker had after it. */
export interface Told {
  readonly change: Exclude<RecordChange, { kind: 'current' }>;
  readonly pending: number;
}

export interface Subscription {
  /** Messages that come before everything has been told. */
  readonly pending: number;
  readonly changes: AsyncIterable<Told>;
  close(): void;
}

async function* toChanges(messages: AsyncIterable<JsMsg>, subjectStart: number): AsyncIterable<Told> {
  for await (const message of messages) {
    const key = decodeKey(message.subject.slice(subjectStart));
    const { pending } = message.info;
    const isGone = message.headers?.get(OPERATION) !== undefined && message.headers.get(OPERATION) !== '';
    yield {
      pending,
      change: isGone
        ? { kind: 'deleted', key }
        : { kind: 'value', key, value: decodeBody(message.data), revision: message.seq },
    };
  }
}

async function collect({ changes }: Subscription): Promise<StoredRecord[]> {
  const records = new Map<string, StoredRecord>();
  for await (const { change, pending } of changes) {
    if (change.kind === 'deleted') records.delete(change.key);
    else records.set(change.key, { key: change.key, value: change.value, revision: change.revision });
    if (pending === 0) break;
  }
  return [...records.values()];
}
