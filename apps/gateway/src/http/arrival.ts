import { context } from '@opentelemetry/api';
import { DomainError } from '@trivium/contracts';
import { ServerSpan } from '@trivium/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { requestFinished } from '../events.js';
import type { Endpoint } from './endpoint.js';
import type { OpenExchanges } from './open-exchanges.js';
import { isHttp2, leftWhole } from './protocol.js';
import { NOBODY } from './request-fields.js';

type Done = (error?: Error) => void;
type Hook = (request: FastifyRequest, reply: FastifyReply, done: Done) => void;

/** The first and the last hook of a request: its ids, its clock, its span and what is counted of it. */
export class Arrival {
  constructor(
    private readonly exchanges: OpenExchanges,
    private readonly scheme: 'http' | 'https',
  ) {}

  hooksFor({ path, tag }: Endpoint): { readonly onRequest: Hook; readonly onResponse: Hook } {
    // Orchestrators and Prometheus ask every few seconds; a trace of each would bury the rest.
    const onRequest = tag === 'Operations' ? this.#withoutTrace : this.#traced(path);
    return { onRequest, onResponse: finished(path) };
  }

  /** For requests that no endpoint serves: refused before their bodies are read. */
  readonly lost: { readonly onRequest: Hook; readonly onResponse: Hook } = {
    onRequest: (request, reply, done) => {
      if (!request.is404) return done();
      this.#traced(undefined)(request, reply, () => done(noSuchRoute(request)));
    },
    onResponse: (request, reply, done) => {
      if (request.is404) finished('none')(request, reply, done);
      else done();
    },
  };

  #traced(route: string | undefined): Hook {
    return (request, reply, done) => {
      this.#identify(request, reply);
      const span = new ServerSpan(request.raw, { route, scheme: this.scheme });
      reply.header('x-trace-id', span.traceId);
      if (span.isRecording) {
        reply.raw.once('close', () => span.end(reply.statusCode, leftWhole(reply.raw)));
      }
      context.with(span.context, done);
    };
  }

  readonly #withoutTrace: Hook = (request, reply, done) => {
    this.#identify(request, reply);
    done();
  };

  #identify(request: FastifyRequest, reply: FastifyReply): void {
    identify(request, reply);
    if (this.exchanges.draining && !isHttp2(request.raw)) reply.header('connection', 'close');
  }
}

export function identify(request: FastifyRequest, reply: FastifyReply): void {
  request.arrivedAt = performance.now();
  request.verifiedKey = NOBODY;
  reply.header('x-request-id', request.id);
}

function finished(route: string): Hook {
  return ({ method, arrivedAt }, { statusCode: status }, done) => {
    requestFinished({ method, route, status, seconds: (performance.now() - arrivedAt) / 1_000 });
    done();
  };
}

function noSuchRoute({ method, url }: FastifyRequest): DomainError {
  return new DomainError('not_found', `${method} ${url}: there is no such route. See /docs.`);
}
