import type { Msg } from '@nats-io/nats-core';
import { SpanKind } from '@opentelemetry/api';
import { type CallContract, DomainError, ownerOf, type ReplyOf } from '@trivium/contracts';
import { type Connection, disconnected } from '../connection/connection.js';
import type { Correspondent } from '../connection/inbox.js';
import type { CallOptions } from '../messaging.js';
import { endSpan, startSend, type TracedOperation } from '../trace/spans.js';
import { decodeBody, decodeError, describeFault, encodeBody } from '../wire/body.js';
import { encodeRequestHeaders, hasHeaders, isNoResponders } from '../wire/headers.js';
import {
  cancelled,
  cancelSubject,
  deadlineExceeded,
  noResponders,
  type Outgoing,
  outgoing,
  tooLarge,
} from './outgoing.js';

/** Sends a request and waits for its one answer. */
export function call<C extends CallContract>(
  connection: Connection,
  contract: C,
  request: unknown,
  options: CallOptions,
): Promise<ReplyOf<C>> {
  return new Promise<ReplyOf<C>>((resolve, reject) => {
    if (!connection.isConnected) throw disconnected();
    const pending = new PendingCall(
      connection,
      contract,
      outgoing(options),
      resolve as (reply: unknown) => void,
      reject,
    );
    pending.send(request);
  });
}

class PendingCall implements Correspondent {
  readonly #connection: Connection;
  readonly #contract: CallContract;
  readonly #outgoing: Outgoing;
  readonly #resolve: (reply: unknown) => void;
  readonly #reject: (error: DomainError) => void;
  readonly #address: number;
  #trace: TracedOperation | undefined;
  #onAbort: (() => void) | undefined;

  constructor(
    connection: Connection,
    contract: CallContract,
    request: Outgoing,
    resolve: (reply: unknown) => void,
    reject: (error: DomainError) => void,
  ) {
    this.#connection = connection;
    this.#contract = contract;
    this.#outgoing = request;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#address = connection.inbox.open(this);
  }

  send(request: unknown): void {
    const { subject } = this.#contract;
    const { outbox, inbox, maxPayload } = this.#connection;
    const { requestId, tenant, priority, remainingMs, signals } = this.#outgoing;
    this.#trace = startSend({ subject, requestId }, SpanKind.CLIENT);
    const headers = encodeRequestHeaders({
      remainingMs,
      requestId,
      tenant,
      priority,
      window: 0,
      trace: this.#trace?.carrier,
    });
    try {
      const body = encodeBody(request);
      const size = body.length + headers.byteLength;
      if (size > maxPayload) return this.#fail(tooLarge('A request', size, maxPayload));
      outbox.send(subject, body, { reply: inbox.subject(this.#address), headers });
    } catch (error) {
      return this.#fail(unsendable(error));
    }
    if (signals.length > 0) {
      this.#onAbort = () => this.#cancel();
      for (const signal of signals) signal.addEventListener('abort', this.#onAbort);
    }
  }

  receive(message: Msg): void {
    if (hasHeaders(message)) {
      return this.#fail(
        isNoResponders(message) ? noResponders(this.#contract.subject) : decodeError(message.data),
      );
    }
    let reply: unknown;
    try {
      reply = decodeBody(message.data);
    } catch (error) {
      return this.#unreadable(error, 'it is no MessagePack');
    }
    const parsed = this.#contract.reply.safeParse(reply);
    if (!parsed.success) return this.#unreadable(parsed.error, describeFault(parsed.error).message);
    this.#settle();
    this.#resolve(parsed.data);
  }

  tick(now: number): void {
    if (now - this.#outgoing.startedAt >= this.#outgoing.remainingMs) this.#fail(deadlineExceeded());
  }

  lost(error: DomainError): void {
    this.#fail(error);
  }

  #cancel(): void {
    const { outbox, inbox } = this.#connection;
    outbox.send(cancelSubject(ownerOf(this.#contract)), inbox.subject(this.#address));
    const signal = this.#outgoing.signals.find(({ aborted }) => aborted);
    this.#fail(signal === undefined ? deadlineExceeded() : cancelled(signal));
  }

  #unreadable(error: unknown, why: string): void {
    const { requestId } = this.#outgoing;
    const { subject } = this.#contract;
    this.#connection.events.answerUnreadable({ subject, requestId }, error);
    this.#fail(
      new DomainError(
        'internal',
        `The answer of ${subject} breaks its contract: ${why} (request ${requestId}).`,
        {
          cause: error,
        },
      ),
    );
  }

  #fail(error: DomainError): void {
    this.#settle(error);
    this.#reject(error);
  }

  #settle(error?: DomainError): void {
    const { inbox, events } = this.#connection;
    inbox.close(this.#address);
    if (this.#onAbort !== undefined) {
      for (const signal of this.#outgoing.signals) signal.removeEventListener('abort', this.#onAbort);
    }
    endSpan(this.#trace, error);
    const durationMs = performance.now() - this.#outgoing.startedAt;
    events.requestFinished(this.#contract.subject, 'send', durationMs, error?.code ?? 'ok');
  }
}

/** A body that cannot be encoded is the caller's mistake; a closed connection is not. */
export function unsendable(error: unknown): DomainError {
  if (DomainError.is(error)) return error;
  return error instanceof TypeError || error instanceof RangeError
    ? new DomainError('invalid_request', `The request cannot be encoded: ${error.message}`, { cause: error })
    : new DomainError('unavailable', 'The request could not be sent.', { cause: error });
}
