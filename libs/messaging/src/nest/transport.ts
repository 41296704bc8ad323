import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { Answerer } from '../answer/answerer.js';
import { NatsMessaging } from '../connection/nats-messaging.js';
import { EventConsumer } from '../event/consume-events.js';
import type { Messaging } from '../messaging.js';
import type { HandlerExtras } from './decorators.js';
import { TRANSPORT } from './tokens.js';

export interface TransportOptions {
  /** Milliseconds that work in flight gets to finish when the transport closes, 25,000 unless told. */
  readonly drainTimeoutMs?: number | undefined;
}

const DRAIN_TIMEOUT_MS = 25_000;
const EVENT_CONCURRENCY = 8;

interface Registration {
  readonly handler: MessageHandler;
  readonly extras: HandlerExtras;
}

/**
 * Serves the handlers of a Nest application over the connection of `messaging`. Every subject is
 * answered in the queue group of its owner, so that two replicas never both answer.
 */
export class MessagingTransport extends Server implements CustomTransportStrategy {
  override readonly transportId = TRANSPORT;
  override readonly propagatesEventHandlerErrors = true;
  readonly #messaging: NatsMessaging;
  readonly #drainTimeoutMs: number;
  readonly #registrations: Registration[] = [];
  #answerer: Answerer | undefined;
  #consumers: EventConsumer[] = [];

  constructor(messaging: Messaging, options: TransportOptions = {}) {
    super();
    if (!(messaging instanceof NatsMessaging)) {
      throw new TypeError('The transport needs the client that connectMessaging returned.');
    }
    this.#messaging = messaging;
    this.#drainTimeoutMs = options.drainTimeoutMs ?? DRAIN_TIMEOUT_MS;
  }

  override addHandler(
    pattern: unknown,
    handler: MessageHandler,
    _isEventHandler = false,
    extras: Partial<HandlerExtras> = {},
  ): void {
    if (extras.contract === undefined) {
      throw new TypeError(
        `The handler of ${String(pattern)} has no contract; use AnswersCall, AnswersStream or OnEvent.`,
      );
    }
    this.#registrations.push({ handler, extras: extras as HandlerExtras });
  }

  override listen(listening: (error?: unknown) => void): void {
    this.#start().then(() => listening(), listening);
  }

  /** Takes nothing new, finishes what is in flight, then returns. */
  override async close(): Promise<void> {
    await Promise.all([
      this.#answerer?.drain(this.#drainTimeoutMs),
      ...this.#consumers.map((consumer) => consumer[Symbol.asyncDispose]()),
    ]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  override on(): never {
    throw new Error('The transport emits no events.');
  }

  override unwrap<T>(): T {
    return this.#messaging as T;
  }

  async #start(): Promise<void> {
    const { connection } = this.#messaging;
    const answerer = new Answerer(connection);
    for (const { handler, extras } of this.#registrations) {
      const handle = (request: unknown, context: unknown): Promise<unknown> =>
        handler(request, context).then(settle);
      if ('admission' in extras) {
        answerer.serve(extras.contract, extras.admission, handle);
      } else {
        const { contract, subscription } = extras;
        const { consumer, concurrency = EVENT_CONCURRENCY } = subscription;
        this.#consumers.push(new EventConsumer(connection, { contract, consumer, concurrency, handle }));
      }
    }
    this.#answerer = answerer;
    this.#messaging.adopt(this);
    await answerer.ready();
  }
}

/** What a filter or an interceptor made of a handler's result. */
function settle(result: unknown): unknown {
  return isObservable(result) ? lastValueFrom(result) : result;
}
