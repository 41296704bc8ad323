import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { PassThroughTracerProvider } from './pass-through-provider.js';

const tracer = new PassThroughTracerProvider().getTracer();
const remote = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  traceFlags: 1,
  isRemote: true,
};

describe('PassThroughTracerProvider', () => {
  it('hands a known parent on unchanged', () => {
    const span = tracer.startSpan('work', {}, trace.setSpanContext(ROOT_CONTEXT, remote));

    expect(span.spanContext()).toEqual(remote);
    expect(span.isRecording()).toBe(false);
  });

  it('gives every root its own valid, unsampled trace', () => {
    const spans = [tracer.startSpan('a', {}, ROOT_CONTEXT), tracer.startSpan('b', {}, ROOT_CONTEXT)];

    const contexts = spans.map((span) => span.spanContext());

    expect(contexts.every((spanContext) => trace.isSpanContextValid(spanContext))).toBe(true);
    expect(contexts[0]?.traceId).not.toBe(contexts[1]?.traceId);
    expect(contexts.map(({ traceFlags }) => traceFlags)).toEqual([0, 0]);
  });

  it('starts a new trace where a root is asked for', () => {
    const span = tracer.startSpan('work', { root: true }, trace.setSpanContext(ROOT_CONTEXT, remote));

    expect(span.spanContext().traceId).not.toBe(remote.traceId);
  });

  it.each([
    ['work only', (work: () => string) => tracer.startActiveSpan('a', work)],
    ['options', (work: () => string) => tracer.startActiveSpan('a', {}, work)],
    ['options and context', (work: () => string) => tracer.startActiveSpan('a', {}, ROOT_CONTEXT, work)],
  ])('runs work in a span: %s', (_name, run) => {
    expect(run(() => 'done')).toBe('done');
  });
});
