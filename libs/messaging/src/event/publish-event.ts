import { jetstream, JetStreamApiError, type JetStreamClient } from '@nats-io/jetstream';
import { headers } from '@nats-io/nats-core';
import { SpanKind } from '@opentelemetry/api';
import { DomainError, type EventContract } from '@trivium/contracts';
import { tooLarge } from '../call/outgoing.js';
import { type Connection, disconnected } from '../connection/connection.js';
import type { PublishOptions } from '../messaging.js';
import { endSpan, startSend } from '../trace/spans.js';
import { encodeBody } from '../wire/body.js';
import { encodeEventHeaders } from '../wire/headers.js';
import { ensureEventStream } from './event-stream.js';

const ACKNOWLEDGE_MS = 5_000;
/** Room for the headers that the library adds. */
const HEADERS_ROOM = 1_024;

/** Publishes events into their streams, creating a stream that does not exist yet. */
export class EventPublisher {
  readonly #connection: Connection;
  readonly #client: JetStreamClient;
  readonly #ensured = new Map<string, Promise<unknown>>();

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#client = jetstream(connection.nats, { timeout: ACKNOWLEDGE_MS });
  }

  async publish(contract: EventContract, payload: unknown, options: PublishOptions): Promise<void> {
    const { subject } = contract;
    const startedAt = performance.now();
    const trace = startSend({ subject, requestId: options.messageId }, SpanKind.PRODUCER);
    let failure: DomainError | undefined;
    try {
      if (!this.#connection.isConnected) throw disconnected();
      const lines = encodeEventHeaders(options.tenant ?? '', trace?.carrier);
      await this.#store(contract, this.#encode(contract, payload), options.messageId, lines);
    } catch (error) {
      failure = asDomainError(subject, error);
      throw failure;
    } finally {
      endSpan(trace, failure);
      const outcome = failure?.code ?? 'ok';
      this.#connection.events.requestFinished(subject, 'publish', performance.now() - startedAt, outcome);
    }
  }

  #encode(contract: EventContract, payload: unknown): Uint8Array {
    const body = encodeBody(contract.payload.parse(payload));
    const limit = this.#connection.maxPayload - HEADERS_ROOM;
    if (body.length > limit) throw tooLarge('An event', body.length, limit);
    return body;
  }

  async #store(
    contract: EventContract,
    body: Uint8Array,
    messageId: string,
    lines: readonly (readonly [string, string])[],
  ): Promise<void> {
    const send = async () => {
      const own = headers();
      for (const [name, value] of lines) own.set(name, value);
      await this.#client.publish(contract.subject, body, { msgID: messageId, headers: own });
    };
    await this.#ensure(contract);
    try {
      await send();
    } catch (error) {
      if (error instanceof JetStreamApiError) throw error;
      // @NOTE nobody stored it: the stream was deleted, or the broker came back without its storage
      this.#ensured.delete(contract.subject);
      await this.#ensure(contract);
      await send();
    }
  }

  async #ensure(contract: EventContract): Promise<void> {
    let ensured = this.#ensured.get(contract.subject);
    if (ensured === undefined) {
      ensured = ensureEventStream(this.#connection, contract);
      this.#ensured.set(contract.subject, ensured);
    }
    try {
      await ensured;
    } catch (error) {
      this.#ensured.delete(contract.subject);
      throw error;
    }
  }
}

function asDomainError(subject: string, error: unknown): DomainError {
  if (DomainError.is(error)) return error;
  if (error instanceof Error && error.name === 'ZodError') {
    return new DomainError('invalid_request', `The event ${subject} breaks its contract.`, { cause: error });
  }
  return new DomainError('unavailable', `The event ${subject} could not be stored.`, {
    retryAfterMs: 1_000,
    cause: error,
  });
}
