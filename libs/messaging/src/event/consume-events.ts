import { setTimeout as delay } from 'node:timers/promises';
import { AckPolicy, type ConsumerMessages, DeliverPolicy, jetstream, type JsMsg } from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import { SpanKind } from '@opentelemetry/api';
import { DomainError, type EventContract } from '@trivium/contracts';
import type { Connection } from '../connection/connection.js';
import { endSpan, startProcess, within } from '../trace/spans.js';
import { decodeBody, describeFault } from '../wire/body.js';
import { decodeTenant } from '../wire/headers.js';
import { ensureEventStream, streamName } from './event-stream.js';
import { RecentIds } from './recent-ids.js';

export interface EventHandling {
  readonly contract: EventContract;
  /** Durable name. */
  readonly consumer: string;
  readonly concurrency: number;
  handle(
    payload: unknown,
    context: { readonly messageId: string; readonly tenant: string },
  ): Promise<unknown>;
}

/** A message that nobody answers for this long comes back, to whichever process is there. */
const ACK_WAIT_MS = 30_000;
const WORKING_MS = ACK_WAIT_MS / 3;
const RETRY_MS = { first: 500, most: 30_000 } as const;
const RESTART_MS = 1_000;
/** Ids of handled events, so that a lost acknowledgement does not repeat them here. */
const REMEMBERED = 10_000;

/** Hands the events of one subject to one handler, at least once each, until it is closed. */
export class EventConsumer implements AsyncDisposable {
  readonly #connection: Connection;
  readonly #handling: EventHandling;
  readonly #handled = new RecentIds(REMEMBERED);
  readonly #inFlight = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #messages: ConsumerMessages | undefined;

  constructor(connection: Connection, handling: EventHandling) {
    this.#connection = connection;
    this.#handling = handling;
    this.#running = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#messages?.stop();
    await this.#running;
    await Promise.all(this.#inFlight);
  }

  /** Starts over whenever the broker loses the stream or the consumer, or is not there yet. */
  async #run(): Promise<void> {
    const { signal } = this.#closing;
    const { contract, consumer } = this.#handling;
    while (!signal.aborted) {
      try {
        await this.#consume();
      } catch (error) {
        if (!signal.aborted && this.#connection.isConnected) {
          this.#connection.events.eventsInterrupted({ subject: contract.subject, consumer }, error);
        }
      }
      if (!signal.aborted) await delay(RESTART_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #consume(): Promise<void> {
    const { contract, consumer, concurrency } = this.#handling;
    const manager = await ensureEventStream(this.#connection, contract);
    await manager.consumers.add(streamName(contract), {
      durable_name: consumer,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: nanos(ACK_WAIT_MS),
      max_ack_pending: concurrency,
      max_deliver: -1,
    });
    const durable = await jetstream(this.#connection.nats).consumers.get(streamName(contract), consumer);
    this.#messages = await durable.consume({ max_messages: concurrency, abort_on_missing_resource: true });
    if (this.#closing.signal.aborted) this.#messages.stop();
    for await (const message of this.#messages) {
      // @NOTE the consumer never has more than `concurrency` unacknowledged, which bounds these
      const handled = this.#process(message).finally(() => this.#inFlight.delete(handled));
      this.#inFlight.add(handled);
    }
  }

  async #process(message: JsMsg): Promise<void> {
    const { contract, consumer } = this.#handling;
    const { subject } = contract;
    const messageId = message.headers?.get('Nats-Msg-Id') ?? `${streamName(contract)}-${message.seq}`;
    if (this.#handled.has(messageId)) return message.ack();
    const startedAt = performance.now();
    const carrier = carrierOf(message);
    const trace = startProcess(
      { subject, requestId: messageId, group: consumer },
      SpanKind.CONSUMER,
      carrier,
    );
    const working = setInterval(() => message.working(), WORKING_MS);
    let failure: DomainError | undefined;
    try {
      const payload = this.#parse(message);
      const context = { messageId, tenant: decodeTenant(message.headers?.get('tenant') ?? '') };
      await within(trace, () => this.#handling.handle(payload, context));
      this.#handled.add(messageId);
      message.ack();
    } catch (error) {
      failure = this.#failed(message, messageId, error);
    } finally {
      clearInterval(working);
      endSpan(trace, failure);
      this.#connection.events.workFinished(subject, performance.now() - startedAt, failure?.code ?? 'ok');
    }
  }

  #parse(message: JsMsg): unknown {
    let body: unknown;
    try {
      body = decodeBody(message.data);
    } catch (error) {
      throw new DomainError('invalid_request', 'The event is no MessagePack.', { cause: error });
    }
    const parsed = this.#handling.contract.payload.safeParse(body);
    if (parsed.success) return parsed.data;
    throw new DomainError('invalid_request', describeFault(parsed.error).message);
  }

  /** What can never succeed is dropped and said so; everything else comes back, later each time. */
  #failed(message: JsMsg, messageId: string, error: unknown): DomainError {
    const { contract, consumer } = this.#handling;
    const event = { subject: contract.subject, consumer, messageId };
    if (DomainError.is(error) && !error.retryable) {
      this.#connection.events.eventDropped(event, error);
      message.term();
      return error;
    }
    const deliveries = message.info.deliveryCount;
    this.#connection.events.eventFailed({ ...event, deliveries }, error);
    message.nak(Math.min(RETRY_MS.most, RETRY_MS.first * 2 ** (deliveries - 1)));
    return DomainError.is(error)
      ? error
      : new DomainError('internal', 'The event handler failed.', { cause: error });
  }
}

function carrierOf(message: JsMsg): Record<string, string> {
  const carrier: Record<string, string> = {};
  for (const name of ['traceparent', 'tracestate', 'baggage']) {
    const value = message.headers?.get(name);
    if (value !== undefined && value !== '') carrier[name] = value;
  }
  return carrier;
}
