import { createInbox, type Msg, type NatsConnection } from '@nats-io/nats-core';
import type { DomainError } from '@trivium/contracts';
import { trailingNumber } from '../wire/headers.js';

/** Someone who waits for messages under an own subject. */
export interface Correspondent {
  receive(message: Msg): void;
  /** Several times a second, for deadlines, heartbeats and silence. */
  tick(now: number): void;
  /** The connection is gone, and with it whatever was under way. */
  lost(error: DomainError): void;
}

const TICK_MS = 25;
/** A tick that comes later than this tells of a process that was busy, not of others that were silent. */
const LATE_MS = 250;

/**
 * One subscription for all answers of this process, one timer for all its deadlines: a call costs
 * an entry in a map, where a subscription and a timer of its own would cost more than the call.
 */
export class Inbox {
  readonly #prefix: string;
  readonly #correspondents = new Map<number, Correspondent>();
  #next = 0;
  #timer: NodeJS.Timeout | undefined;
  #tickedAt = 0;

  constructor(connection: NatsConnection, prefix: string) {
    this.#prefix = `${createInbox(prefix)}.`;
    connection.subscribe(`${this.#prefix}*`, {
      callback: (error, message) => {
        if (error === null)
          this.#correspondents.get(trailingNumber(message, this.#prefix.length))?.receive(message);
      },
    });
  }

  open(correspondent: Correspondent): number {
    const address = ++this.#next;
    this.#correspondents.set(address, correspondent);
    if (this.#timer === undefined) this.#start();
    return address;
  }

  subject(address: number): string {
    return this.#prefix + address;
  }

  close(address: number): void {
    this.#correspondents.delete(address);
  }

  lost(error: DomainError): void {
    for (const correspondent of [...this.#correspondents.values()]) correspondent.lost(error);
  }

  #start(): void {
    this.#tickedAt = performance.now();
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  #tick(): void {
    if (this.#correspondents.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    const now = performance.now();
    const isLate = now - this.#tickedAt > LATE_MS;
    this.#tickedAt = now;
    // @NOTE what arrived meanwhile is read before the next tick, and only then is silence silence
    if (isLate) return;
    for (const correspondent of this.#correspondents.values()) correspondent.tick(now);
  }
}
