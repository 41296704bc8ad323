import {
  type Context,
  context,
  isSpanContextValid,
  type Span,
  type SpanOptions,
  trace,
  TraceFlags,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import { randomHex } from './random-ids.js';

/**
 * Records nothing. A span of a known parent is that parent, so an incoming `traceparent` passes on
 * unchanged; a root gets a fresh, unsampled trace id, so that answers and logs can still name one.
 */
class PassThroughTracer implements Tracer {
  startSpan(_name: string, options?: SpanOptions, parent: Context = context.active()): Span {
    const spanContext = options?.root === true ? undefined : trace.getSpanContext(parent);
    if (spanContext !== undefined && isSpanContextValid(spanContext))
      return trace.wrapSpanContext(spanContext);
    return trace.wrapSpanContext({
      traceId: randomHex(32),
      spanId: randomHex(16),
      traceFlags: TraceFlags.NONE,
    });
  }

  startActiveSpan<Work extends (span: Span) => unknown>(name: string, ...rest: unknown[]): ReturnType<Work> {
    const work = rest.at(-1) as Work;
    const options = rest.length > 1 ? (rest[0] as SpanOptions) : {};
    const parent = rest.length > 2 ? (rest[1] as Context) : context.active();
    const span = this.startSpan(name, options, parent);
    return context.with(trace.setSpan(parent, span), () => work(span) as ReturnType<Work>);
  }
}

export class PassThroughTracerProvider implements TracerProvider {
  readonly #tracer = new PassThroughTracer();

  getTracer(): Tracer {
    return this.#tracer;
  }
}
