import {
  type Context,
  context,
  isSpanContextValid,
  propagation,
  type Span,
  type SpanOptions,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';

export interface InSpanOptions extends SpanOptions {
  /** Context to start in instead of the active one, as `extractTrace` returns it. */
  readonly parent?: Context | undefined;
}

/**
 * Runs `work` with a new span active. A rejection is recorded on the span and passed on; the span
 * always ends. Without a recording exporter this costs a context switch and no more.
 */
export async function inSpan<Result>(
  tracerName: string,
  name: string,
  options: InSpanOptions,
  work: (span: Span) => Promise<Result> | Result,
): Promise<Result> {
  const { parent = context.active(), ...spanOptions } = options;
  const span = trace.getTracer(tracerName).startSpan(name, spanOptions, parent);
  try {
    return await context.with(trace.setSpan(parent, span), () => work(span));
  } catch (error) {
    failSpan(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** Marks a span as failed with the error's code, or its class name where it has none. */
export function failSpan(span: Span, error: unknown): void {
  if (!span.isRecording()) return;
  const type = errorType(error);
  span.setAttribute('error.type', type);
  if (error instanceof Error)
    span.recordException({ name: error.name, message: error.message, ...stackOf(error) });
  span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : type });
}

/** Writes `traceparent`, `tracestate` and `baggage` of a context into a carrier. */
export function injectTrace(
  set: (key: string, value: string) => void,
  from: Context = context.active(),
): void {
  propagation.inject(from, set, { set: (write, key, value) => write(key, value) });
}

/** Reads a remote parent from a carrier; keys are asked for in lower case. */
export function extractTrace(
  get: (key: string) => string | undefined,
  onto: Context = context.active(),
): Context {
  return propagation.extract(onto, get, { get: (read, key) => read(key), keys: () => [] });
}

/** Trace id of a context, when it has one: what `x-trace-id` and the logs show. */
export function currentTraceId(of: Context = context.active()): string | undefined {
  const spanContext = trace.getSpanContext(of);
  return spanContext && isSpanContextValid(spanContext) ? spanContext.traceId : undefined;
}

function errorType(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '_OTHER';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : '_OTHER';
}

function stackOf(error: Error): { stack?: string } {
  return error.stack === undefined ? {} : { stack: error.stack };
}
