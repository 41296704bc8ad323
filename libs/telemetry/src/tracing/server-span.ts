import { type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { extractTrace } from './span.js';

/** A request that came over HTTP; both of Node's kinds of request fit. */
export interface IncomingRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly httpVersion: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface ServerSpanOptions {
  /** Template of the path, `/v1/files/:file_id`; absent where nothing serves the path. */
  readonly route?: string | undefined;
  readonly scheme: 'http' | 'https';
}

/** Finds its provider when the first span is asked for. */
const tracer = trace.getTracer('trivium.http');

/**
 * The span of one HTTP request, whatever the version: it goes on with the trace of the caller, or
 * begins one. Whoever opens it runs the work in its context and ends it when the answer is gone.
 */
export class ServerSpan {
  readonly context: Context;
  readonly #span: Span;

  constructor(request: IncomingRequest, { route, scheme }: ServerSpanOptions) {
    const { headers, method = 'GET' } = request;
    const parent = headers['traceparent'] === undefined ? ROOT_CONTEXT : callerOf(headers);
    const name = route === undefined ? method : `${method} ${route}`;
    this.#span = tracer.startSpan(name, { kind: SpanKind.SERVER }, parent);
    this.context = trace.setSpan(parent, this.#span);
    if (this.#span.isRecording()) this.#describe(request, route, scheme);
  }

  get traceId(): string {
    return this.#span.spanContext().traceId;
  }

  /** Whether there is anything to end: nothing is recorded without an exporter, or of traces not chosen. */
  get isRecording(): boolean {
    return this.#span.isRecording();
  }

  /** @param complete whether the whole answer left; false when the client was gone before */
  end(status: number, complete: boolean): void {
    const failure = status >= 500 ? String(status) : complete ? undefined : 'client_left';
    this.#span.setAttribute('http.response.status_code', status);
    if (failure !== undefined) {
      this.#span.setAttribute('error.type', failure);
      this.#span.setStatus({ code: SpanStatusCode.ERROR });
    }
    this.#span.end();
  }

  #describe(
    { method, url = '/', httpVersion, headers }: IncomingRequest,
    route: string | undefined,
    scheme: string,
  ): void {
    const query = url.indexOf('?');
    const host = one(headers['host'] ?? headers[':authority']);
    const agent = one(headers['user-agent']);
    this.#span.setAttributes({
      'http.request.method': method ?? 'GET',
      'url.path': query === -1 ? url : url.slice(0, query),
      'url.scheme': scheme,
      'network.protocol.version': httpVersion === '2.0' ? '2' : httpVersion,
      ...(route !== undefined && { 'http.route': route }),
      ...(host !== undefined && { 'server.address': host.replace(/:\d+$/, '') }),
      ...(agent !== undefined && { 'user_agent.original': agent }),
    });
  }
}

function callerOf(headers: IncomingRequest['headers']): Context {
  return extractTrace((name) => one(headers[name]), ROOT_CONTEXT);
}

function one(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.join(',');
}
