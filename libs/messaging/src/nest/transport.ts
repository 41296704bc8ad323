import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import type { Messaging } from '../messaging.js';
import { TRANSPORT } from './tokens.js';

export interface TransportOptions {
  /** Milliseconds that work in flight gets to finish when the transport closes, 25,000 unless told. */
  readonly drainTimeoutMs?: number | undefined;
}

/** Serves the handlers of a Nest application over the connection of `messaging`. */
export class MessagingTransport extends Server implements CustomTransportStrategy {
  override readonly transportId = TRANSPORT;
  override readonly propagatesEventHandlerErrors = true;
  readonly #messaging: Messaging;
  readonly #options: TransportOptions;
  readonly #handlers: MessageHandler[] = [];

  constructor(messaging: Messaging, options: TransportOptions = {}) {
    super();
    this.#messaging = messaging;
    this.#options = options;
  }

  override addHandler(
    _pattern: unknown,
    handler: MessageHandler,
    _isEventHandler = false,
    _extras: Record<string, unknown> = {},
  ): void {
    this.#handlers.push(handler);
  }

  override listen(listening: (error?: unknown) => void): void {
    listening();
  }

  override async close(): Promise<void> {
    void this.#options;
  }

  override on(): never {
    throw new Error('The transport emits no events.');
  }

  override unwrap<T>(): T {
    return this.#messaging as T;
  }
}
