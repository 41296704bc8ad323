import { once } from 'node:events';
import { connect } from 'node:http2';
import { request } from 'node:https';
import {
  ancestry,
  type CollectedSpan,
  startTraceCollector,
  type TraceCollector,
} from '@trivium/local-servers';
import { shutdownTelemetry } from '@trivium/telemetry';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pem } from './certificate.js';
import { grpcClient } from './grpc-client.js';
import { LOCAL_KEY, type RunningGateway, startGateway } from './running-gateway.js';
import { startEcho } from './v2-service.js';

const PRELOAD = '@trivium/telemetry/register';
const CALLER_ID = 'b7ad6b7169203331';
const KEY = { authorization: `Bearer ${LOCAL_KEY}` };
const HELLO = JSON.stringify({ model: 'trivium', messages: [{ role: 'user', content: 'Hi' }] });
const JSON_BODY = { ...KEY, 'content-type': 'application/json' };

let collector: TraceCollector;
let ca: string;
let gateway: RunningGateway;
let lastTrace = 0;

beforeAll(async () => {
  collector = await startTraceCollector();
  process.env['TRACE_EXPORTER'] = 'otlp';
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = collector.otlpUrl;
  // Reads the environment when it is loaded, as `node --import` does it for a service.
  await import(/* @vite-ignore */ PRELOAD);
  ca = await pem('cert');
});
afterAll(async () => {
  await shutdownTelemetry();
  await collector.stop();
});

interface Answer {
  readonly status: number;
  readonly traceId: string | undefined;
}
type Ask = (method: string, path: string, headers: Record<string, string>, body?: string) => Promise<Answer>;

const overHttp1: Ask = async (method, path, headers, body) => {
  const response = await fetch(gateway.url + path, { method, headers, ...(body !== undefined && { body }) });
  await response.arrayBuffer();
  return { status: response.status, traceId: response.headers.get('x-trace-id') ?? undefined };
};

const overHttp1WithTls: Ask = async (method, path, headers, body) => {
  const call = request(gateway.url + path, { method, headers, ca, agent: false });
  call.end(body);
  const [response] = (await once(call, 'response')) as [
    { statusCode: number; headers: Record<string, string>; resume(): void },
  ];
  response.resume();
  return { status: response.statusCode, traceId: response.headers['x-trace-id'] };
};

const overHttp2: Ask = async (method, path, headers, body) => {
  const session = connect(gateway.url, { ca });
  const stream = session.request({ ...headers, ':method': method, ':path': path });
  stream.end(body);
  const [answered] = (await once(stream, 'response')) as [Record<string, unknown>];
  stream.resume();
  await once(stream, 'close');
  session.close();
  return { status: Number(answered[':status']), traceId: answered['x-trace-id'] as string | undefined };
};

describe.each([
  ['HTTP/1.1', overHttp1, false],
  ['HTTP/1.1 under TLS', overHttp1WithTls, true],
  ['HTTP/2', overHttp2, true],
] as const)('over %s', (name, ask, tls) => {
  let traceId: string;

  beforeEach(async () => {
    traceId = (lastTrace += 1).toString(16).padStart(32, 'a');
    gateway = await startGateway(tls ? { GATEWAY_TLS_CERT: ca, GATEWAY_TLS_KEY: await pem('key') } : {});
  });
  afterEach(async () => {
    await gateway[Symbol.asyncDispose]();
  });

  const caller = () => ({ traceparent: `00-${traceId}-${CALLER_ID}-01` });
  const ours = () => collector.spans().filter((span) => span.traceId === traceId);
  const isOfHttp = ({ attributes }: CollectedSpan) => 'http.request.method' in attributes;
  const served = async () => {
    await collector.waitFor(() => ours().some(isOfHttp));
    return ours().find(isOfHttp);
  };

  it('a request goes on with the trace of its caller, down to the service', async () => {
    const answer = await ask('POST', '/v1/chat/completions', { ...JSON_BODY, ...caller() }, HELLO);
    const root = await served();
    const worked = ours().filter((span) => span.name === 'process router.converse.v1');

    expect(answer).toEqual({ status: 200, traceId });
    expect(worked.map((span) => ancestry(ours(), span).at(-1))).toEqual([root]);
    expect(root?.name).toBe('POST /v1/chat/completions');
    expect(root?.parentSpanId).toBe(CALLER_ID);
    expect(root?.attributes).toMatchObject({
      'http.route': '/v1/chat/completions',
      'http.response.status_code': 200,
      'network.protocol.version': name === 'HTTP/2' ? '2' : '1.1',
      'url.scheme': tls ? 'https' : 'http',
    });
  });

  it('an upload keeps its trace while its parts come', async () => {
    const boundary = 'a-boundary';
    const part = (name: string, rest: string) =>
      `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${rest}\r\n`;
    const type = { 'content-type': `multipart/form-data; boundary=${boundary}` };
    const form = `${part('purpose', '\r\n\r\nuser_data')}${part('file', '; filename="a"\r\n\r\ntext')}--${boundary}--`;
    const answer = await ask('POST', '/v1/files', { ...KEY, ...type, ...caller() }, form);
    const root = await served();
    const worked = ours().filter((span) => span.name === 'process session.put-file.v1');

    expect(answer.status).toBe(200);
    expect(worked.map((span) => ancestry(ours(), span).at(-1))).toEqual([root]);
  });

  it('a request without a caller begins a trace and tells its id', async () => {
    const answer = await ask('GET', '/v1/models/trivium', KEY);
    traceId = answer.traceId ?? '';

    expect((await served())?.name).toBe('GET /v1/models/*');
    expect((await served())?.parentSpanId).toBeUndefined();
  });

  it.each([
    ['without a key', '/v1/models', 401, 'GET /v1/models'],
    ['to nowhere', '/v1/nothing', 404, 'GET'],
  ])('a request %s is traced too', async (_what, path, status, name) => {
    const answer = await ask('GET', path, caller());
    const span = await served();

    expect(answer).toEqual({ status, traceId });
    expect(span).toMatchObject({ name, attributes: { 'http.response.status_code': status } });
  });
});

it('a call over gRPC goes on with the trace of its caller, down to the service', async () => {
  gateway = await startGateway();
  const running = await startEcho(gateway.nats.url);
  const client = grpcClient(gateway.server.grpcPort);
  const traceId = (lastTrace += 1).toString(16).padStart(32, 'b');
  await client.call(
    'ModelInfer',
    {
      model_name: 'echo',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1], contents: { fp32_contents: [1] } }],
    },
    { metadata: { traceparent: `00-${traceId}-${CALLER_ID}-01` } },
  );
  const ours = () => collector.spans().filter((span) => span.traceId === traceId);
  const name = 'inference.GRPCInferenceService/ModelInfer';
  await collector.waitFor(() => ours().some((span) => span.name === name));
  const root = ours().find((span) => span.name === name);
  const worked = ours().filter((span) => span.name === 'process text-inference.infer-tensors.v1');
  client[Symbol.dispose]();
  await running[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();

  expect(root?.parentSpanId).toBe(CALLER_ID);
  expect(root?.attributes).toMatchObject({ 'rpc.system': 'grpc', 'rpc.method': name });
  expect(worked.map((span) => ancestry(ours(), span).at(-1))).toEqual([root]);
});

it('is not told of health checks', async () => {
  gateway = await startGateway();
  await gateway.fetch('/health/live');
  const answer = await overHttp1('GET', '/v1/models/trivium', KEY);
  await collector.waitFor(() => collector.spans().some(({ traceId }) => traceId === answer.traceId));
  await gateway[Symbol.asyncDispose]();

  expect(collector.spans().filter(({ attributes }) => attributes['url.path'] === '/health/live')).toEqual([]);
});
