import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OnnxModel } from '../dist/index.js';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { StepResult, StepTask } from './steps.program.ts';

interface ExportedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly parentSpanId: string;
}

let stack: AsyncDisposableStack;
beforeEach(() => {
  stack = new AsyncDisposableStack();
});
afterEach(() => stack.disposeAsync());

/** Listens where a collector would and keeps the spans it is sent as JSON. */
async function collector(): Promise<{ endpoint: string; spans: ExportedSpan[] }> {
  const spans: ExportedSpan[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as {
        resourceSpans: { scopeSpans: { spans: ExportedSpan[] }[] }[];
      };
      spans.push(
        ...body.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
      );
      response.end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stack.defer(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, spans };
}

it('shows the work of a batch in the trace of every caller who shares it', async () => {
  const { endpoint, spans } = await collector();
  vi.stubEnv('TRACE_EXPORTER', 'otlp');
  vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', endpoint);
  stack.defer(() => void vi.unstubAllEnvs());
  const model = new OnnxModel<StepTask, StepResult>({
    modelId: 'steps',
    service: 'steps-service',
    variant: 'fp32',
    program: new URL('steps.program.ts', import.meta.url).href,
    options: {},
    limits: { maxBatchItems: 4, maxBatchCost: 100, costUnit: 'items' },
    costOf: () => 1,
    bucketOf: () => 'one',
    workers: 1,
  });
  await model.start();
  const callers = ['a', 'b'].map((digit) => ({ traceId: digit.repeat(32), spanId: digit.repeat(16) }));
  const work = [...callers, ...callers].map(({ traceId, spanId }) => ({
    task: { step: 'echo', text: 'x' } as const,
    trace: { traceparent: `00-${traceId}-${spanId}-01` },
  }));

  await model.doRun(work, new AbortController().signal);
  await model[Symbol.asyncDispose](); // a worker sends what it has before it leaves

  const own = spans.filter(({ name }) => name === 'echo');
  expect(own.map(({ traceId, parentSpanId }) => ({ traceId, spanId: parentSpanId }))).toEqual(callers);
});
