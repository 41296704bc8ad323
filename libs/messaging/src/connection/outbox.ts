import type { NatsConnection, Payload, PublishOptions } from '@nats-io/nats-core';

interface Letter {
  readonly subject: string;
  readonly body: Payload;
  readonly options: PublishOptions | undefined;
}

/**
 * Collects what is sent until the promises that are settling have settled, then hands all of it
 * over at once: under load that is one write to the socket where there would be dozens.
 */
export class Outbox {
  readonly #connection: NatsConnection;
  readonly #onFailure: (error: unknown) => void;
  #letters: Letter[] = [];

  constructor(connection: NatsConnection, onFailure: (error: unknown) => void) {
    this.#connection = connection;
    this.#onFailure = onFailure;
  }

  send(subject: string, body: Payload, options?: PublishOptions): void {
    // @NOTE a tick scheduled while promises settle runs after the last of them
    if (this.#letters.push({ subject, body, options }) === 1) process.nextTick(this.deliver);
  }

  /** What the connection did not take is not sent later: whoever waits for an answer knows that it is gone. */
  discard(): void {
    this.#letters = [];
  }

  readonly deliver = (): void => {
    const letters = this.#letters;
    this.#letters = [];
    for (const { subject, body, options } of letters) {
      try {
        this.#connection.publish(subject, body, options);
      } catch (error) {
        this.#onFailure(error);
      }
    }
  };
}
