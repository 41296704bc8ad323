import type { Msg, Subscription } from '@nats-io/nats-core';
import { DomainError, ownerOf } from '@trivium/contracts';
import { Admission } from '../admission/admission.js';
import { cancelSubject } from '../call/outgoing.js';
import type { Connection } from '../connection/connection.js';
import type { Correspondent } from '../connection/inbox.js';
import type { AdmissionOptions } from '../messaging.js';
import { StreamWork } from '../stream/produce-stream.js';
import { decodeRequestHeaders, type RequestHeaders, replySubject } from '../wire/headers.js';
import { CallWork } from './call-work.js';
import type { Endpoint, Work } from './work.js';

/** How long work that was told to stop at the end of a drain gets to do so. */
const LAST_WORDS_MS = 1_000;
/** A broker that does not confirm the end of a subscription within this time is not waited for. */
const UNSUBSCRIBE_MS = 2_000;

/** Answers subjects: every subject in the queue group of its owner, every request through its admission. */
export class Answerer implements Correspondent {
  readonly #connection: Connection;
  readonly #subscriptions: Subscription[] = [];
  readonly #cancelSubscriptions = new Map<string, Subscription>();
  readonly #inFlight = new Map<string, Work>();
  /** In the inbox while there is work, for its deadlines. */
  #address = 0;
  #drained: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  serve(contract: Endpoint['contract'], admission: AdmissionOptions, handle: Endpoint['handle']): void {
    const owner = ownerOf(contract);
    const endpoint: Endpoint = { contract, admission: new Admission(admission), handle };
    const { nats } = this.#connection;
    if (!this.#cancelSubscriptions.has(owner)) {
      const cancel = nats.subscribe(cancelSubject(owner), {
        callback: (_error, message) => this.#cancel(message),
      });
      this.#cancelSubscriptions.set(owner, cancel);
    }
    this.#subscriptions.push(
      nats.subscribe(contract.subject, {
        queue: owner,
        callback: (error, message) => {
          if (error === null) this.#receive(endpoint, message);
          else this.#connection.events.brokerComplained(error);
        },
      }),
    );
  }

  /** Resolves when the broker knows of everything that is served here. */
  async ready(): Promise<void> {
    await this.#connection.nats.flush();
  }

  /** Takes nothing new, finishes what is in flight; what is not done in time is aborted and answered `unavailable`. */
  drain(timeoutMs: number): Promise<void> {
    this.#drained ??= this.#drain(timeoutMs);
    return this.#drained;
  }

  /** Requests hold no address here; their answers go where the caller said. */
  receive(): void {
    return;
  }

  /** The caller may have kept its connection, so calls go on; streams notice by themselves. */
  lost(): void {
    return;
  }

  tick(now: number): void {
    for (const work of this.#inFlight.values()) work.expireAt(now);
  }

  #receive(endpoint: Endpoint, message: Msg): void {
    const replyTo = replySubject(message);
    if (replyTo === '') return;
    const headers = decodeRequestHeaders(message);
    const work = this.#begin(endpoint, message, replyTo, headers);
    if (this.#inFlight.size === 0) this.#address = this.#connection.inbox.open(this);
    this.#inFlight.set(replyTo, work);
    if (endpoint.admission.apply(work) !== 'refused') return;
    this.#settled(work);
    const { subject } = endpoint.contract;
    const retryAfterMs = endpoint.admission.retryAfterMs();
    work.refuse(
      new DomainError('overloaded', `${subject} has more to do than it can queue.`, { retryAfterMs }),
    );
    const { requestId, priority } = headers;
    this.#connection.events.workRejected({ subject, requestId, priority, retryAfterMs });
  }

  #begin(endpoint: Endpoint, message: Msg, replyTo: string, headers: RequestHeaders): Work {
    if (endpoint.contract.kind === 'call') {
      return new CallWork(this.#connection, endpoint, message, replyTo, headers, this.#settled);
    }
    const work = new StreamWork(this.#connection, endpoint, message, replyTo, headers, this.#settled);
    work.open(headers.window);
    return work;
  }

  readonly #settled = (work: Work): void => {
    this.#inFlight.delete(work.id);
    if (this.#inFlight.size > 0) return;
    this.#connection.inbox.close(this.#address);
    this.#onIdle?.();
  };

  #cancel(message: Msg): void {
    this.#inFlight
      .get(message.string())
      ?.abort(new DomainError('cancelled', 'The caller no longer wants the answer.'));
  }

  async #drain(timeoutMs: number): Promise<void> {
    await this.#unsubscribe();
    await this.#idle(timeoutMs);
    const stopping = new DomainError('unavailable', 'The service is stopping.', { retryAfterMs: 1_000 });
    for (const work of [...this.#inFlight.values()]) work.abort(stopping);
    await this.#idle(LAST_WORDS_MS);
    for (const subscription of this.#cancelSubscriptions.values()) subscription.unsubscribe();
  }

  /** What the broker has sent before it confirms is still received and answered. */
  async #unsubscribe(): Promise<void> {
    if (!this.#connection.isConnected) {
      for (const subscription of this.#subscriptions) subscription.unsubscribe();
      return;
    }
    const drained = Promise.allSettled(this.#subscriptions.map((subscription) => subscription.drain()));
    await withTimeout(drained, UNSUBSCRIBE_MS);
  }

  #idle(timeoutMs: number): Promise<unknown> {
    if (this.#inFlight.size === 0) return Promise.resolve();
    const idle = new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
    return withTimeout(idle, timeoutMs);
  }
}

/** Resolves when the promise does, or when the time is over. */
async function withTimeout(promise: Promise<unknown>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([promise, late]);
  clearTimeout(timer);
}
