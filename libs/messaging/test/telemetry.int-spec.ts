import { context, metrics, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import {
  AggregationTemporality,
  type DataPoint,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { Controller } from '@nestjs/common';
import {
  DomainError,
  type ParsedRequestOf,
  type PartOf,
  type PayloadOf,
  type ReplyOf,
} from '@trivium/contracts';
import { type NatsProcess, startNats } from '@trivium/local-servers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AnswersCall, AnswersStream, type CallContext, type Messaging, OnEvent } from '../src/index.js';
import {
  connectCaller,
  count,
  echo,
  gate,
  happened,
  rejection,
  type Replica,
  startReplica,
  until,
  work,
} from './kit.js';

const spans = new InMemorySpanExporter();
const points = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter: points, exportIntervalMillis: 3_600_000 });
const tracer = trace.getTracer('test');

let release = gate();
let aborted = gate();

@Controller()
class Handlers {
  @AnswersCall(echo)
  async echo({ text }: ParsedRequestOf<typeof echo>, call: CallContext): Promise<ReplyOf<typeof echo>> {
    if (text === 'nested') await replica.messaging.call(echo, { text: 'inner' }, { context: call });
    return tracer.startActiveSpan('inside the handler', async (span) => {
      await Promise.resolve();
      span.end();
      return { text, by: 'handler' };
    });
  }

  @AnswersCall(work, { concurrency: 1, queue: 0 })
  async work({ name }: ParsedRequestOf<typeof work>, { signal }: CallContext): Promise<ReplyOf<typeof work>> {
    if (name === 'conflict') throw new DomainError('conflict', 'No.');
    signal.addEventListener('abort', () => aborted.open());
    await release.opened;
    return { name };
  }

  @AnswersStream(count)
  async *count({ to }: ParsedRequestOf<typeof count>): AsyncIterable<PartOf<typeof count>> {
    for (let n = 1; n <= to; n++) {
      tracer.startSpan(`part ${n}`).end();
      yield { n };
    }
  }

  @OnEvent(happened, { consumer: 'traced' })
  async happened(_payload: PayloadOf<typeof happened>): Promise<void> {
    tracer.startSpan('inside the consumer').end();
  }
}

let nats: NatsProcess;
let replica: Replica;
let caller: Messaging;

beforeAll(async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(
    new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] }),
  );
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  nats = await startNats();
  replica = await startReplica(nats.url, [Handlers]);
  caller = await connectCaller(nats.url);
});
beforeEach(() => {
  spans.reset();
  release = gate();
  aborted = gate();
});
afterAll(async () => {
  await caller?.[Symbol.asyncDispose]();
  await replica?.[Symbol.asyncDispose]();
  await nats?.stop();
  trace.disable();
  metrics.disable();
  context.disable();
  propagation.disable();
});

async function finished(name: string): Promise<ReadableSpan> {
  await until(() => spans.getFinishedSpans().some((span) => span.name === name));
  return spans.getFinishedSpans().find((span) => span.name === name) as ReadableSpan;
}

const idOf = (span: ReadableSpan) => span.spanContext().spanId;

describe('one trace', () => {
  it('goes from the caller over the hop into the handler', async () => {
    const root = tracer.startSpan('root');
    await context.with(trace.setSpan(context.active(), root), () => caller.call(echo, { text: 'a' }));
    root.end();

    const send = await finished(`send ${echo.subject}`);
    const process = await finished(`process ${echo.subject}`);
    const inside = await finished('inside the handler');
    expect(new Set(spans.getFinishedSpans().map((span) => span.spanContext().traceId)).size).toBe(1);
    expect(send.parentSpanContext?.spanId).toBe(root.spanContext().spanId);
    expect(process.parentSpanContext?.spanId).toBe(idOf(send));
    expect(inside.parentSpanContext?.spanId).toBe(idOf(process));
    expect([send.kind, process.kind]).toEqual([SpanKind.CLIENT, SpanKind.SERVER]);
    expect(process.attributes).toMatchObject({
      'messaging.system': 'nats',
      'messaging.destination.name': echo.subject,
      'messaging.consumer.group.name': 'test-service',
    });
  });

  it('goes on through a handler that calls others', async () => {
    await caller.call(echo, { text: 'nested' });

    await until(() => spans.getFinishedSpans().filter(({ name }) => name.startsWith('process')).length === 2);
    expect(new Set(spans.getFinishedSpans().map((span) => span.spanContext().traceId)).size).toBe(1);
  });

  it('of a stream lasts until its end, and holds what the producer does for each part', async () => {
    const parts = caller.stream(count, { to: 3 }, { window: 1 })[Symbol.asyncIterator]();
    await parts.next();
    expect(spans.getFinishedSpans().map(({ name }) => name)).not.toContain(`send ${count.subject}`);
    while ((await parts.next()).done !== true) continue;

    const send = await finished(`send ${count.subject}`);
    const process = await finished(`process ${count.subject}`);
    const last = await finished('part 3');
    expect(process.parentSpanContext?.spanId).toBe(idOf(send));
    expect(last.parentSpanContext?.spanId).toBe(idOf(process));
  });

  it('of an event goes from the publisher to the consumer', async () => {
    await caller.publish(happened, { n: 1 }, { messageId: 'm1' });

    const send = await finished(`send ${happened.subject}`);
    const process = await finished(`process ${happened.subject}`);
    const inside = await finished('inside the consumer');
    expect(process.parentSpanContext?.spanId).toBe(idOf(send));
    expect(inside.parentSpanContext?.spanId).toBe(idOf(process));
    expect([send.kind, process.kind]).toEqual([SpanKind.PRODUCER, SpanKind.CONSUMER]);
  });

  it('names the code of an error on both sides', async () => {
    await rejection(caller.call(work, { name: 'conflict' }));

    for (const name of [`send ${work.subject}`, `process ${work.subject}`]) {
      const span = await finished(name);
      expect(span.attributes['error.type']).toBe('conflict');
      expect(span.status.code).toBe(SpanStatusCode.ERROR);
    }
  });
});

describe('metrics', () => {
  it('count what was sent, handled, refused, expired and wasted', async () => {
    const started = caller.call(work, { name: 'slow' }, { deadline: 100 });
    expect(await rejection(caller.call(work, { name: 'refused' }))).toMatchObject({ code: 'overloaded' });
    await Promise.all([rejection(started), aborted.opened]);
    release.open();
    await replica.logger.logged('messaging.work-wasted');

    const found = await collect();

    expect(found('messaging.client.operation.duration', 'deadline_exceeded')).toBeGreaterThan(0);
    expect(found('messaging.process.duration', 'deadline_exceeded')).toBeGreaterThan(0);
    expect(found('messaging.process.rejected', 'overloaded')).toBe(1);
    expect(found('messaging.process.wasted', 'deadline_exceeded')).toBeGreaterThan(0);
  });
});

/** Value (or count) of a metric of the `work` subject under an error type. */
async function collect(): Promise<(name: string, errorType: string) => number> {
  points.reset();
  await reader.forceFlush();
  const all = points
    .getMetrics()
    .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics));
  return (name, errorType) => {
    const metric = all.find(({ descriptor }) => descriptor.name === name);
    const point = (metric?.dataPoints as DataPoint<unknown>[] | undefined)?.find(
      ({ attributes }) =>
        attributes['messaging.destination.name'] === work.subject && attributes['error.type'] === errorType,
    );
    const value = point?.value;
    return typeof value === 'number' ? value : ((value as { count?: number } | undefined)?.count ?? 0);
  };
}
