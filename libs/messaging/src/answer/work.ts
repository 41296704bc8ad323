import { type Msg } from '@nats-io/nats-core';
import { SpanKind } from '@opentelemetry/api';
import { type CallContract, DomainError, ownerOf, type StreamContract } from '@trivium/contracts';
import type { Admission, Applicant } from '../admission/admission.js';
import type { Connection } from '../connection/connection.js';
import type { CallContext, Priority } from '../messaging.js';
import { endSpan, startProcess, type TracedOperation, within } from '../trace/spans.js';
import { decodeBody, describeFault } from '../wire/body.js';
import type { RequestHeaders } from '../wire/headers.js';

/** A subject that this process answers. */
export interface Endpoint {
  readonly contract: CallContract | StreamContract;
  readonly admission: Admission;
  /** A call's promise of a reply, or a stream's iterable (or promise of one). */
  readonly handle: (request: unknown, context: CallContext) => unknown;
}

function deadlinePassed(): DomainError {
  return new DomainError('deadline_exceeded', 'The deadline passed while the request was worked on.');
}

/**
 * One request being answered, from its arrival until its handler has settled. It is also the
 * context that the handler sees.
 */
export abstract class Work implements CallContext, Applicant {
  readonly tenant: string;
  readonly requestId: string;
  readonly priority: Priority;
  protected readonly connection: Connection;
  protected readonly endpoint: Endpoint;
  /** Where the caller listens. */
  protected readonly replyTo: string;
  #message: Msg | undefined;
  readonly #arrivedAt: number;
  readonly #remainingMs: number;
  readonly #trace: RequestHeaders['trace'];
  readonly #onSettled: (work: Work) => void;
  #enteredAt = 0;
  #abortedAt = 0;
  #reason: DomainError | undefined;
  #controller: AbortController | undefined;

  constructor(
    connection: Connection,
    endpoint: Endpoint,
    message: Msg,
    replyTo: string,
    headers: RequestHeaders,
    onSettled: (work: Work) => void,
  ) {
    this.connection = connection;
    this.endpoint = endpoint;
    this.replyTo = replyTo;
    this.tenant = headers.tenant;
    this.requestId = headers.requestId;
    this.priority = headers.priority;
    this.#message = message;
    this.#arrivedAt = performance.now();
    this.#remainingMs = headers.remainingMs;
    this.#trace = headers.trace;
    this.#onSettled = onSettled;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#reason !== undefined) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Why nobody wants the answer any more. */
  get abortReason(): DomainError | undefined {
    return this.#reason;
  }

  get id(): string {
    return this.replyTo;
  }

  remaining(): number {
    return Math.max(0, this.#remainingMs - (performance.now() - this.#arrivedAt));
  }

  /** Aborts at the deadline. */
  expireAt(now: number): void {
    if (now - this.#arrivedAt >= this.#remainingMs && this.#reason === undefined)
      this.abort(deadlinePassed());
  }

  /** A second abort changes nothing. */
  abort(reason: DomainError): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#abortedAt = performance.now();
    if (this.endpoint.admission.withdraw(this)) return this.#drop(reason);
    this.#controller?.abort(reason);
    this.aborted(reason);
  }

  /** Tells a caller that may still listen, without the handler having answered. */
  abstract refuse(error: DomainError): void;
  /** Answers with what the handler made of the request; never rejects. */
  protected abstract answer(request: unknown): Promise<DomainError | undefined>;
  protected abstract aborted(reason: DomainError): void;

  enter(): void {
    this.#enteredAt = performance.now();
    if (this.#reason === undefined && this.remaining() <= 0) this.#reason = deadlinePassed();
    if (this.#reason !== undefined) {
      this.#drop(this.#reason);
      this.endpoint.admission.leave();
      return;
    }
    void this.#process();
  }

  async #process(): Promise<void> {
    const { contract } = this.endpoint;
    const message = { subject: contract.subject, requestId: this.requestId, group: ownerOf(contract) };
    const trace = startProcess(message, SpanKind.SERVER, this.#trace);
    this.#finish(trace, await (trace === undefined ? this.#attempt() : within(trace, () => this.#attempt())));
  }

  #attempt(): Promise<DomainError | undefined> | DomainError {
    let request: unknown;
    try {
      request = this.#parse();
    } catch (error) {
      const fault = error as DomainError;
      this.refuse(fault);
      return fault;
    }
    return this.answer(request);
  }

  #parse(): unknown {
    let body: unknown;
    try {
      body = decodeBody((this.#message as Msg).data);
    } catch (error) {
      throw new DomainError('invalid_request', 'The request is no MessagePack.', { cause: error });
    }
    // @NOTE a request may hold an image: not kept while its handler works
    this.#message = undefined;
    const parsed = this.endpoint.contract.request.safeParse(body);
    if (parsed.success) return parsed.data;
    const { param, message } = describeFault(parsed.error);
    throw new DomainError('invalid_request', message, { param });
  }

  /** What may cross the wire: an expected failure as it is, anything else as `internal` and the request id. */
  protected expected(error: unknown): DomainError {
    if (DomainError.is(error)) return error;
    if (this.#reason !== undefined) return this.#reason;
    const { subject } = this.endpoint.contract;
    this.connection.events.handlerFailed({ subject, requestId: this.requestId }, error);
    return new DomainError('internal', `An unexpected error occurred (request ${this.requestId}).`, {
      details: { requestId: this.requestId },
      cause: error,
    });
  }

  #drop(reason: DomainError): void {
    const { subject } = this.endpoint.contract;
    if (reason.code === 'deadline_exceeded') {
      this.connection.events.workExpired({ subject, requestId: this.requestId });
    }
    this.refuse(reason);
    this.#onSettled(this);
  }

  #finish(trace: TracedOperation | undefined, error: DomainError | undefined): void {
    const now = performance.now();
    const { contract, admission } = this.endpoint;
    const { subject } = contract;
    const durationMs = now - this.#enteredAt;
    endSpan(trace, error);
    if (this.#reason !== undefined) {
      this.connection.events.workWasted({
        subject,
        requestId: this.requestId,
        reason: this.#reason.code,
        wastedMs: now - this.#abortedAt,
      });
    }
    this.connection.events.workFinished(subject, durationMs, (this.#reason ?? error)?.code ?? 'ok');
    this.#onSettled(this);
    admission.leave(durationMs);
  }
}
