import { Metadata, type sendUnaryData, type ServerDuplexStream, type ServerUnaryCall } from '@grpc/grpc-js';
import { SpanKind } from '@opentelemetry/api';
import { DomainError } from '@trivium/contracts';
import { extractTrace, inSpan, type Logger } from '@trivium/telemetry';
import { requestFinished } from '../events.js';
import { clientLeft, Exchange, shuttingDown } from '../http/exchange.js';
import type { TimeLimits } from '../http/open-exchanges.js';
import type { Admission, Admittance } from './admission.js';
import { grpcFailure } from './grpc-status.js';

/** A message with the bytes it took, uncompressed. */
export interface Received<Message> {
  readonly message: Message;
  readonly bytes: number;
}

type Call<Message> =
  ServerUnaryCall<Received<Message>, object> | ServerDuplexStream<Received<Message>, object>;
export type Work<Message> = (message: Message, exchange: Exchange) => Promise<object>;

export interface OpenCallsOptions {
  readonly admission: Admission;
  readonly limits: TimeLimits;
  readonly logger: Logger;
}

/** From a call that was let in to its answer: its time, its memory, its span, its failure. */
export class OpenCalls {
  readonly #open = new Set<Exchange>();
  /** Streams that wait for their client's next message. */
  readonly #idle = new Set<Admittance>();
  #draining = false;

  constructor(private readonly options: OpenCallsOptions) {}

  unary<Message>(work: Work<Message>) {
    return (call: ServerUnaryCall<Received<Message>, object>, answer: sendUnaryData<object>): void => {
      const exchange = this.#exchange(call);
      const initial = new Metadata();
      initial.set('x-request-id', exchange.requestId);
      call.sendMetadata(initial);
      this.#work(call, call.request, exchange, work)
        .then(
          (reply) => answer(null, reply),
          (error: unknown) => answer(this.#failure(error, exchange, call.getPath())),
        )
        .finally(() => this.#close(exchange));
    };
  }

  /** One answer per message in their order; a message that fails fails alone. The next is read when the last is answered. */
  stream<Message>(work: Work<Message>) {
    return (call: ServerDuplexStream<Received<Message>, object>): void => {
      const exchange = this.#exchange(call);
      const admitted = this.options.admission.of(call.metadata);
      this.#answerAll(call, admitted, exchange, work)
        .catch((error: unknown) => {
          // Where the client has left there is nobody to tell.
          if (!call.cancelled) admitted.end(this.#failure(error, exchange, call.getPath()));
        })
        .finally(() => {
          this.#idle.delete(admitted);
          this.#close(exchange);
        });
    };
  }

  /** Streams take no further message; those that wait for one end now, with an error worth a retry. */
  endStreams(): void {
    this.#draining = true;
    for (const { end, requestId } of this.#idle) end(grpcFailure(shuttingDown(), requestId));
  }

  /** Whatever is still open fails with an error worth a retry. */
  stopAll(): void {
    for (const exchange of this.#open) exchange.stop(shuttingDown());
  }

  async #answerAll<Message>(
    call: ServerDuplexStream<Received<Message>, object>,
    admitted: Admittance,
    exchange: Exchange,
    work: Work<Message>,
  ): Promise<void> {
    this.#idle.add(admitted);
    for await (const received of call as AsyncIterable<Received<Message>>) {
      this.#idle.delete(admitted);
      const reply = await this.#work(call, received, exchange, work).then(
        (infer_response) => ({ error_message: '', infer_response }),
        (error: unknown) => ({ error_message: this.#failure(error, exchange, call.getPath()).details }),
      );
      await exchange.inTime(new Promise<void>((resolve) => void call.write(reply, () => resolve())));
      if (this.#draining) throw shuttingDown();
      this.#idle.add(admitted);
    }
    call.end();
  }

  #exchange<Message>(call: Call<Message>): Exchange {
    const { key, requestId } = this.options.admission.of(call.metadata);
    const { defaultMs, mostMs } = this.options.limits;
    const left = Number(call.getDeadline()) - Date.now();
    const exchange = new Exchange(
      requestId,
      key,
      Number.isFinite(left) ? Math.min(left, mostMs) : defaultMs,
      true,
    );
    this.#open.add(exchange);
    call.once('cancelled', () => exchange.stop(clientLeft()));
    return exchange;
  }

  #work<Message>(
    call: Call<Message>,
    { message, bytes }: Received<Message>,
    exchange: Exchange,
    work: Work<Message>,
  ): Promise<object> {
    const started = performance.now();
    const held = this.options.admission.of(call.metadata).room.take();
    const parent = extractTrace((name) => call.metadata.get(name)[0]?.toString());
    const path = call.getPath();
    const done = (status: number) => {
      held.release();
      const seconds = (performance.now() - started) / 1_000;
      requestFinished({ method: 'GRPC', route: path, status, seconds });
    };
    const attributes = { 'rpc.system': 'grpc', 'rpc.method': path.slice(1) };
    const traced = inSpan(
      'trivium.grpc',
      path.slice(1),
      { kind: SpanKind.SERVER, parent, attributes },
      async () => {
        // Compressed, a message is larger than its length on the wire said.
        const refusal = held.holdUpTo(bytes);
        if (refusal !== undefined) throw refusal;
        return exchange.inTime(work(message, exchange));
      },
    );
    return traced.then(
      (reply) => {
        done(0);
        return reply;
      },
      (error: unknown) => {
        done(grpcFailure(error, exchange.requestId).code);
        throw error;
      },
    );
  }

  #failure(error: unknown, exchange: Exchange, route: string) {
    const { requestId } = exchange;
    const expected = DomainError.is(error) && error.code !== 'internal';
    if (expected) this.options.logger.debug({ requestId, route, err: error }, 'request.refused');
    else this.options.logger.error({ requestId, route, err: error }, 'request.failed');
    return grpcFailure(error, requestId);
  }

  #close(exchange: Exchange): void {
    this.#open.delete(exchange);
    exchange.end();
  }
}
