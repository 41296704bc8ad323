import type { Msg } from '@nats-io/nats-core';
import { SpanKind } from '@opentelemetry/api';
import { DomainError, ownerOf, type PartOf, type StreamContract } from '@trivium/contracts';
import { unsendable } from '../call/call.js';
import {
  cancelled,
  cancelSubject,
  deadlineExceeded,
  noResponders,
  type Outgoing,
  outgoing,
  tooLarge,
} from '../call/outgoing.js';
import { type Connection, disconnected } from '../connection/connection.js';
import type { Correspondent } from '../connection/inbox.js';
import type { CallOptions } from '../messaging.js';
import { endSpan, startSend, type TracedOperation } from '../trace/spans.js';
import { decodeError, describeFault, encodeBody } from '../wire/body.js';
import { encodeRequestHeaders, hasHeaders, isNoResponders, replySubject } from '../wire/headers.js';
import { BEAT_MS, CANCEL, decodeFrame, encodeCredit, FRAME, SILENCE_MS } from './frame.js';

const DEFAULT_WINDOW = 32;

/** Each iteration opens the stream anew. */
export function consumeStream<S extends StreamContract>(
  connection: Connection,
  contract: S,
  request: unknown,
  options: CallOptions,
): AsyncIterable<PartOf<S>> {
  return {
    [Symbol.asyncIterator]: () =>
      new StreamReader(connection, contract, request, options) as AsyncIterator<unknown> as AsyncIterator<
        PartOf<S>
      >,
  };
}

type Result = IteratorResult<unknown, undefined>;
const DONE: Result = Object.freeze({ done: true, value: undefined });

interface Waiting {
  resolve(result: Result): void;
  reject(error: DomainError): void;
}

/** The reading end: a buffer never longer than the window, and a grant for every half window that was read. */
class StreamReader implements AsyncIterator<unknown, undefined>, Correspondent {
  readonly #connection: Connection;
  readonly #contract: StreamContract;
  readonly #request: unknown;
  readonly #options: CallOptions;
  readonly #window: number;
  readonly #parts: unknown[] = [];
  #outgoing: Outgoing | undefined;
  #trace: TracedOperation | undefined;
  #address = 0;
  #waiting: Waiting | undefined;
  #onAbort: (() => void) | undefined;
  /** Where the producer listens; known from its first frame on. */
  #control = '';
  #received = 0;
  #consumed = 0;
  #granted: number;
  #heardAt = 0;
  #spokenAt = 0;
  #isOpen = false;
  #isOver = false;
  #error: DomainError | undefined;

  constructor(connection: Connection, contract: StreamContract, request: unknown, options: CallOptions) {
    this.#connection = connection;
    this.#contract = contract;
    this.#request = request;
    this.#options = options;
    this.#window = Math.max(1, Math.floor(options.window ?? DEFAULT_WINDOW));
    this.#granted = this.#window;
  }

  next(): Promise<Result> {
    if (!this.#isOpen) this.#open();
    if (this.#parts.length > 0) return Promise.resolve({ done: false, value: this.#take() });
    if (this.#error !== undefined) {
      const error = this.#error;
      this.#error = undefined;
      return Promise.reject(error);
    }
    if (this.#isOver) return Promise.resolve(DONE);
    return new Promise<Result>((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  return(): Promise<Result> {
    if (this.#isOpen && !this.#isOver)
      this.#leave(new DomainError('cancelled', 'The reader left the stream.'));
    this.#isOpen = true;
    this.#isOver = true;
    this.#parts.length = 0;
    this.#error = undefined;
    return Promise.resolve(DONE);
  }

  receive(message: Msg): void {
    if (hasHeaders(message)) {
      return this.#finish(
        isNoResponders(message) ? noResponders(this.#contract.subject) : decodeError(message.data),
      );
    }
    this.#heardAt = performance.now();
    if (this.#control === '') this.#control = replySubject(message);
    try {
      this.#accept(message.data);
    } catch (error) {
      this.#breach(error, 'a frame is malformed');
    }
  }

  tick(now: number): void {
    const { startedAt, remainingMs } = this.#outgoing as Outgoing;
    if (now - startedAt >= remainingMs) this.#leave(deadlineExceeded());
    else if (now - this.#heardAt >= SILENCE_MS) {
      this.#leave(new DomainError('unavailable', `The producer of ${this.#contract.subject} fell silent.`));
    } else if (now - this.#spokenAt >= BEAT_MS && this.#control !== '') this.#grant(now);
  }

  lost(error: DomainError): void {
    this.#finish(error);
  }

  #open(): void {
    this.#isOpen = true;
    try {
      if (!this.#connection.isConnected) throw disconnected();
      this.#outgoing = outgoing(this.#options);
      this.#send(this.#outgoing);
    } catch (error) {
      this.#isOver = true;
      this.#error = unsendable(error);
      endSpan(this.#trace, this.#error);
      this.#connection.inbox.close(this.#address);
    }
  }

  #send({ requestId, tenant, priority, remainingMs, signals, startedAt }: Outgoing): void {
    const { outbox, inbox, maxPayload } = this.#connection;
    const { subject } = this.#contract;
    this.#trace = startSend({ subject, requestId }, SpanKind.CLIENT);
    const trace = this.#trace?.carrier;
    const headers = encodeRequestHeaders({
      remainingMs,
      requestId,
      tenant,
      priority,
      window: this.#window,
      trace,
    });
    const body = encodeBody(this.#request);
    const size = body.length + headers.byteLength;
    if (size > maxPayload) throw tooLarge('A request', size, maxPayload);
    this.#heardAt = this.#spokenAt = startedAt;
    this.#address = inbox.open(this);
    outbox.send(subject, body, { reply: inbox.subject(this.#address), headers });
    if (signals.length > 0) {
      this.#onAbort = () => {
        const signal = signals.find(({ aborted }) => aborted);
        this.#leave(signal === undefined ? deadlineExceeded() : cancelled(signal));
      };
      for (const signal of signals) signal.addEventListener('abort', this.#onAbort);
    }
  }

  #accept(bytes: Uint8Array): void {
    const { kind, sequence, body } = decodeFrame(bytes);
    if (sequence !== this.#received) {
      return this.#leave(
        new DomainError('unavailable', `Parts of ${this.#contract.subject} were lost on the way.`, {
          details: { expected: this.#received, received: sequence },
        }),
      );
    }
    if (kind === FRAME.part) this.#push(body);
    else if (kind === FRAME.end) this.#finish();
    else if (kind === FRAME.error) this.#finish(decodeError(body as Uint8Array));
  }

  #push(body: unknown): void {
    const parsed = this.#contract.part.safeParse(body);
    if (!parsed.success) return this.#breach(parsed.error, describeFault(parsed.error).message);
    this.#received += 1;
    if (this.#waiting === undefined) {
      this.#parts.push(parsed.data);
      return;
    }
    const { resolve } = this.#waiting;
    this.#waiting = undefined;
    this.#count();
    resolve({ done: false, value: parsed.data });
  }

  #take(): unknown {
    this.#count();
    return this.#parts.shift();
  }

  #count(): void {
    this.#consumed += 1;
    const target = this.#consumed + this.#window;
    if ((target - this.#granted) * 2 < this.#window || this.#isOver) return;
    this.#granted = target;
    this.#grant(performance.now());
  }

  #grant(now: number): void {
    this.#spokenAt = now;
    this.#tell(this.#granted);
  }

  /** @NOTE with a reply subject the server itself reports that the producer is gone. */
  #tell(granted: number): void {
    const { outbox, inbox, isConnected } = this.#connection;
    if (isConnected)
      outbox.send(this.#control, encodeCredit(granted), { reply: inbox.subject(this.#address) });
  }

  /** A producer whose control subject is not known yet is found through its service's cancel subject. */
  #leave(error: DomainError): void {
    if (this.#isOver) return;
    const { outbox, inbox, isConnected } = this.#connection;
    if (this.#control !== '') this.#tell(CANCEL);
    else if (isConnected) outbox.send(cancelSubject(ownerOf(this.#contract)), inbox.subject(this.#address));
    // @NOTE what was read ahead is worthless to one who gave up
    this.#parts.length = 0;
    this.#finish(error);
  }

  #breach(error: unknown, why: string): void {
    const { subject } = this.#contract;
    const requestId = this.#outgoing?.requestId ?? '';
    this.#connection.events.answerUnreadable({ subject, requestId }, error);
    this.#leave(
      new DomainError(
        'internal',
        `A part of ${subject} breaks its contract: ${why} (request ${requestId}).`,
        {
          cause: error,
        },
      ),
    );
  }

  #finish(error?: DomainError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { inbox, events } = this.#connection;
    inbox.close(this.#address);
    const { signals, startedAt } = this.#outgoing as Outgoing;
    if (this.#onAbort !== undefined)
      for (const signal of signals) signal.removeEventListener('abort', this.#onAbort);
    endSpan(this.#trace, error);
    events.requestFinished(
      this.#contract.subject,
      'send',
      performance.now() - startedAt,
      error?.code ?? 'ok',
    );
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting === undefined) this.#error = error;
    else if (error === undefined) waiting.resolve(DONE);
    else waiting.reject(error);
  }
}
