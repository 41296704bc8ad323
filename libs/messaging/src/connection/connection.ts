import type { NatsConnection } from '@nats-io/nats-core';
import { DomainError } from '@trivium/contracts';
import { MessagingEvents } from '../events.js';
import type { MessagingLogger } from '../messaging.js';
import { Inbox } from './inbox.js';
import { Outbox } from './outbox.js';

export function disconnected(): DomainError {
  return new DomainError('unavailable', 'The message broker cannot be reached.', { retryAfterMs: 1_000 });
}

/** The connection as the rest of this library sees it: its state, its inbox, what it tells. */
export class Connection {
  readonly inboxPrefix: string;
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  readonly events: MessagingEvents;
  readonly #waiting = new Set<() => void>();
  #isConnected = true;
  #loss = new AbortController();

  constructor(
    readonly nats: NatsConnection,
    readonly name: string,
    readonly logger: MessagingLogger,
    readonly replicas: number,
  ) {
    this.events = new MessagingEvents(logger);
    this.inboxPrefix = inboxPrefix(name);
    this.inbox = new Inbox(nats, this.inboxPrefix);
    this.outbox = new Outbox(nats, (error) => this.events.sendingFailed(error));
    void this.#watch();
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  get maxPayload(): number {
    return this.nats.info?.max_payload ?? 1_048_576;
  }

  /** Aborted when this connection is lost; a new one for the next. */
  get loss(): AbortSignal {
    return this.#loss.signal;
  }

  /** Resolves when connected, or after the given time, whichever is first. */
  async settle(timeoutMs: number): Promise<boolean> {
    if (this.#isConnected || timeoutMs <= 0) return this.#isConnected;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs).unref();
      this.#waiting.add(done);
    });
    return this.#isConnected;
  }

  async #watch(): Promise<void> {
    for await (const status of this.nats.status()) {
      if (status.type === 'disconnect') this.#lose();
      else if (status.type === 'reconnect') this.#regain(status.server);
      else if (status.type === 'error') this.events.brokerComplained(status.error);
    }
    this.#lose();
  }

  #lose(): void {
    if (!this.#isConnected) return;
    this.#isConnected = false;
    if (!this.nats.isClosed()) this.events.connectionLost();
    this.#loss.abort(disconnected());
    this.outbox.discard();
    this.inbox.lost(disconnected());
  }

  #regain(server: string): void {
    this.#isConnected = true;
    this.#loss = new AbortController();
    this.events.connectionRegained(server);
    for (const resume of [...this.#waiting]) resume();
  }
}

/** An own inbox space for each service lets the broker's permissions keep services out of each other's answers. */
function inboxPrefix(name: string): string {
  return `_INBOX_${name.replace(/[^A-Za-z0-9_-]/g, '_')}`;
}
