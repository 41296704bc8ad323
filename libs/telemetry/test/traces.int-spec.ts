import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import {
  ancestry,
  type CollectedSpan,
  startTraceCollector,
  type TraceCollector,
} from '@trivium/local-servers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const CALLER_ID = 'b7ad6b7169203331';
const TRACEPARENT = `00-${TRACE_ID}-${CALLER_ID}-01`;

let collector: TraceCollector;
const children: ChildProcess[] = [];

beforeEach(async () => {
  collector = await startTraceCollector();
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await collector.stop();
});

function start(
  file: string,
  env: Record<string, string>,
  flags: string[] = [],
): { child: ChildProcess; log: () => string } {
  const child = fork(new URL(file, import.meta.url), {
    execArgv: ['--import', '@trivium/telemetry/register', ...flags],
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  children.push(child);
  const lines: string[] = [];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => lines.push(text));
  return { child, log: () => lines.join('') };
}

async function askFront(env: Record<string, string>) {
  const { child, log } = start('front.child.ts', {
    TRIVIUM_SERVICE: 'front',
    OTEL_EXPORTER_JAEGER_ENDPOINT: collector.jaegerUrl,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.otlpUrl,
    ...env,
  });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const url = `http://127.0.0.1:${port}`;
  const response = await fetch(`${url}/documents/7?token=x`, { headers: { traceparent: TRACEPARENT } });
  const answer = (await response.json()) as {
    traceId: string;
    sent: Record<string, string>;
    seen: { failed: string; traceId: string; passedOn: Record<string, string> };
  };
  child.send('leave');
  const [code] = await once(child, 'exit');
  return { answer, log: log(), code: code as number };
}

const only = (spans: readonly CollectedSpan[], via: string, name: string): CollectedSpan => {
  const found = spans.filter((span) => span.via === via && span.name === name);
  expect(found, `${via}: ${name}`).toHaveLength(1);
  return found[0] as CollectedSpan;
};

describe('spans of two processes', () => {
  it.each(['jaeger', 'otlp'] as const)('are one tree over %s', async (via) => {
    const { answer, log, code } = await askFront({ TRACE_EXPORTER: via });

    const spans = collector.spans();
    const chain = ancestry(spans, only(spans, via, 'step'));

    expect(chain.map(({ name }) => name)).toEqual(['step', 'work', 'plan', 'GET /documents/:id']);
    expect(chain.map(({ kind }) => kind)).toEqual(['internal', 'internal', 'internal', 'server']);
    expect(new Set(chain.map(({ traceId }) => traceId))).toEqual(new Set([TRACE_ID]));
    expect(chain.at(-1)?.parentSpanId).toBe(CALLER_ID);
    expect(chain.at(-1)?.attributes).toMatchObject({
      'http.request.method': 'GET',
      'http.route': '/documents/:id',
      'http.response.status_code': 200,
      'server.address': '127.0.0.1',
      'url.path': '/documents/7',
      'url.scheme': 'http',
    });
    expect(chain.map(({ failed }) => failed)).toEqual([true, false, false, false]);
    expect(chain[0]?.attributes['error.type']).toBe('unavailable');
    expect(chain[2]?.attributes['pages']).toBe(3);
    expect(spans.every((span) => span.via === via)).toBe(true);
    expect(collector.faults()).toEqual([]);
    expect(answer.traceId).toBe(TRACE_ID);
    expect(log).toContain(`"trace_id":"${TRACE_ID}","span_id":"${chain[2]?.spanId}"`);
    expect(code).toBe(0);
  });

  it('reach both destinations at once, with the process described', async () => {
    await askFront({ TRACE_EXPORTER: 'both', DEPLOYMENT_ENVIRONMENT: 'test' });

    const spans = collector.spans();
    const overOtlp = only(spans, 'otlp', 'plan');
    const overJaeger = only(spans, 'jaeger', 'plan');

    expect(overOtlp.spanId).toBe(overJaeger.spanId);
    expect([overOtlp.service, overJaeger.service]).toEqual(['front', 'front']);
    const described = {
      'service.name': 'front',
      'service.version': '0.1.0',
      'deployment.environment.name': 'test',
    };
    expect(overOtlp.resource).toMatchObject(described);
    expect(overJaeger.attributes).toMatchObject(described);
  });

  it('are not recorded without an exporter, while the incoming context passes through unchanged', async () => {
    const { answer } = await askFront({ TRACE_EXPORTER: 'none' });

    expect(answer.traceId).toBe(TRACE_ID);
    expect(answer.sent['traceparent']).toBe(TRACEPARENT);
    expect(answer.seen.passedOn['traceparent']).toBe(TRACEPARENT);
    expect(collector.spans()).toEqual([]);
  });
});

describe('a collector that takes connections and never answers', () => {
  it('costs bounded memory, one line of log and no delay at the end', async () => {
    const silent = createServer();
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    const { child, log } = start(
      'busy.child.ts',
      {
        TRACE_EXPORTER: 'jaeger',
        OTEL_EXPORTER_JAEGER_ENDPOINT: `http://127.0.0.1:${port}/api/traces`,
      },
      ['--expose-gc'],
    );

    const [cost] = (await once(child, 'message')) as [
      { grownBytes: number; leftAfterMs: number; metrics: string },
    ];
    const [code] = await once(child, 'exit');
    silent.closeAllConnections();
    silent.close();

    expect(cost.grownBytes).toBeLessThan(8 * 1024 * 1024);
    expect(cost.leftAfterMs).toBeLessThan(4_000);
    expect(cost.metrics).toMatch(/otel_sdk_processor_span_processed_total\{.*queue_full.*\} \d+/);
    expect(log().match(/cannot be delivered/g)).toHaveLength(1);
    expect(code).toBe(0);
  });
});
