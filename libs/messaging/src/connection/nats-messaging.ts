import type {
  CallContract,
  EventContract,
  PartOf,
  PayloadOf,
  ReplyOf,
  RequestOf,
  StreamContract,
} from '@trivium/contracts';
import { ByteBudget } from '../blob/byte-budget.js';
import { ObjectBlobs } from '../blob/object-blobs.js';
import { call } from '../call/call.js';
import { EventPublisher } from '../event/publish-event.js';
import type { Blobs, CallOptions, Messaging, PublishOptions } from '../messaging.js';
import { KvRecords } from '../store/kv-records.js';
import { ObjectBucket } from '../store/object-bucket.js';
import type { Objects, ObjectsOptions, Records, RecordsOptions } from '../store/store.js';
import { consumeStream } from '../stream/consume-stream.js';
import { type Connection, disconnected } from './connection.js';

const NO_OPTIONS: CallOptions = {};
/** A broker that is away is not waited for when leaving. */
const GOODBYE_MS = 2_000;
/** Chunks of objects under way at a time; with those of blobs well below what the broker lets a client owe. */
const READ_BUDGET_BYTES = 16 * 1024 * 1024;

/** The client over one connection, which it owns. */
export class NatsMessaging implements Messaging {
  readonly connection: Connection;
  readonly blobs: Blobs;
  readonly #events: EventPublisher;
  readonly #reading = new ByteBudget(READ_BUDGET_BYTES);
  readonly #servants = new Set<AsyncDisposable>();

  constructor(connection: Connection) {
    this.connection = connection;
    this.blobs = new ObjectBlobs(connection);
    this.#events = new EventPublisher(connection);
  }

  call<C extends CallContract>(
    contract: C,
    request: RequestOf<C>,
    options = NO_OPTIONS,
  ): Promise<ReplyOf<C>> {
    return call(this.connection, contract, request, options);
  }

  stream<S extends StreamContract>(
    contract: S,
    request: RequestOf<S>,
    options = NO_OPTIONS,
  ): AsyncIterable<PartOf<S>> {
    return consumeStream(this.connection, contract, request, options);
  }

  publish<E extends EventContract>(
    contract: E,
    payload: PayloadOf<E>,
    options: PublishOptions,
  ): Promise<void> {
    return this.#events.publish(contract, payload, options);
  }

  records(bucket: string, options?: RecordsOptions): Records {
    return new KvRecords(this.connection, bucket, options);
  }

  objects(bucket: string, options?: ObjectsOptions): Objects {
    return new ObjectBucket(this.connection, bucket, this.#reading, options);
  }

  isConnected(): boolean {
    return this.connection.isConnected;
  }

  /** Is disposed before the connection closes, so that it can still answer. */
  adopt(servant: AsyncDisposable): void {
    this.#servants.add(servant);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#servants].map((servant) => servant[Symbol.asyncDispose]()));
    const { nats, inbox, outbox, isConnected } = this.connection;
    if (nats.isClosed()) return;
    outbox.deliver();
    inbox.lost(disconnected());
    outbox.deliver();
    if (isConnected) await Promise.race([nats.flush().catch(() => undefined), expired(GOODBYE_MS)]);
    await nats.close();
  }
}

function expired(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}
