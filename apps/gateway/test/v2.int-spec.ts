import { fileURLToPath } from 'node:url';
import { credentials, loadPackageDefinition, Metadata, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { DomainError } from '@trivium/contracts';
import { connectMessaging, type Messaging } from '@trivium/messaging';
import {
  Health,
  loadConfig,
  platformConfig,
  type RunningService,
  startMicroservice,
} from '@trivium/platform';
import { createLogger } from '@trivium/telemetry';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LOCAL_KEY, type RunningGateway, startGateway } from './running-gateway.js';
import { EchoService } from './v2-service.js';

const HEADER = 'inference-header-content-length';

let gateway: RunningGateway;
let messaging: Messaging;
let running: RunningService;
let echo: EchoService;

beforeAll(async () => {
  gateway = await startGateway();
  messaging = await connectMessaging({
    name: 'echo',
    servers: gateway.nats.url,
    logger: createLogger('echo'),
  });
  echo = new EchoService(() => messaging.blobs);
  running = await startMicroservice(echo.module(), {
    name: 'echo',
    config: loadConfig(platformConfig, { NATS_URL: gateway.nats.url }),
    messaging,
    health: new Health({ cacheMs: 0 }),
    logger: createLogger('echo'),
    stopping: new AbortController().signal,
  });
});
afterEach(() => {
  echo.failure = undefined;
  echo.gate = undefined;
  echo.state = 'READY';
});
afterAll(async () => {
  await running.drain?.(0);
  await running[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
  await messaging[Symbol.asyncDispose]();
});

const input = (overrides: object = {}) => ({
  name: 'x',
  shape: [1, 2],
  datatype: 'FP32',
  data: [1, 2],
  ...overrides,
});
const infer = (body: object, model = 'echo') => gateway.post(`/v2/models/${model}/infer`, body);

describe('REST', () => {
  it('takes JSON, flat and nested, and answers with it', async () => {
    const response = await infer({ id: 'a', inputs: [input(), input({ name: 'y', data: [[3, 4]] })] });

    expect(response.status).toBe(200);
    expect(response.headers.get('x-cache')).toBe('miss');
    expect(await response.json()).toEqual({
      model_name: 'echo',
      model_version: '2',
      id: 'a',
      parameters: { variant: 'fp32' },
      outputs: [input(), input({ name: 'y', data: [3, 4] })],
    });
  });

  it.each([
    ['INT64', [-9007199254740991, 5]],
    ['UINT8', [0, 255]],
    ['BOOL', [true, false]],
    ['BYTES', ['héllo', '']],
    ['FP64', [0.1, -2.5]],
  ])('carries %s', async (datatype, data) => {
    const response = await infer({ inputs: [input({ datatype, data })] });

    expect(await response.json()).toMatchObject({ outputs: [{ datatype, data }] });
  });

  it('carries raw tensors behind the JSON, large ones past the message size', async () => {
    const raw = Buffer.alloc(4 * 600_000, 7);
    const head = JSON.stringify({
      inputs: [
        input({ shape: [1, 600_000], data: undefined, parameters: { binary_data_size: raw.byteLength } }),
      ],
      parameters: { binary_data_output: true },
    });
    const response = await gateway.fetch('/v2/models/echo/infer', {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', [HEADER]: String(head.length) },
      body: Buffer.concat([Buffer.from(head), raw]),
    });
    const body = Buffer.from(await response.arrayBuffer());
    const length = Number(response.headers.get(HEADER));

    expect(response.status).toBe(200);
    expect(JSON.parse(body.subarray(0, length).toString())).toMatchObject({
      outputs: [{ name: 'x', parameters: { binary_data_size: raw.byteLength } }],
    });
    expect(body.subarray(length).equals(raw)).toBe(true);
  });

  it('passes on what a request asks for', async () => {
    const response = await infer(
      {
        inputs: [input()],
        outputs: [{ name: 'x' }],
        parameters: { priority: 2, timeout: 1_500, cache: false, explain: true },
      },
      'echo@int8',
    );

    expect(response.headers.get('x-cache')).toBe('bypass');
    expect(await response.json()).toMatchObject({ parameters: { variant: 'int8', release_reason: 'full' } });
    expect(echo.asked.at(-1)).toMatchObject({
      variant: 'int8',
      outputs: ['x'],
      priorityLevel: 2,
      queueTimeoutMs: 1.5,
      cache: 'bypass',
    });
  });

  it.each([
    ['inputs[0].shape', { inputs: [input({ shape: [3] })] }],
    ['inputs[0].data[1][0]', { inputs: [input({ shape: [2, 1, 1], data: [[[1]], [2]] })] }],
    ['inputs[0].data', { inputs: [input({ datatype: 'INT8', data: [1, 128] })] }],
    ['send binary data', { inputs: [input({ datatype: 'INT64', data: [2 ** 53, 1] })] }],
    ['inputs[0].datatype', { inputs: [input({ datatype: 'FLOAT' })] }],
    ['inputs', {}],
    ['parameters.sequence_id', { inputs: [input()], parameters: { sequence_id: 1 } }],
    ['binary_data_size', { inputs: [input({ data: undefined, parameters: { binary_data_size: 8 } })] }],
  ])('refuses and names %s', async (name, body) => {
    const response = await infer(body);

    expect(response.status).toBe(400);
    expect(((await response.json()) as { error: string }).error).toContain(name);
  });

  it('tells a model that does not exist from one whose service is away', async () => {
    // Vision and speech do not run here: either might have it.
    const unknown = await infer({ inputs: [input()] }, 'nobody');
    expect(unknown.status).toBe(503);
    const impossible = await infer({ inputs: [input()] }, 'NoName');
    expect(impossible.status).toBe(404);
    const version = await gateway.fetch('/v2/models/echo/versions/9');
    expect(version.status).toBe(404);
    expect(await (await fetch(`${gateway.url}/v2/nothing`)).json()).toEqual({ error: expect.any(String) });
  });

  it('says of a cold model how far it is', async () => {
    echo.failure = new DomainError('model_loading', 'is loading', {
      retryAfterMs: 2_000,
      details: { loading: { state: 'warming', progress: 0.5, etaMs: 1_900 } },
    });
    const response = await infer({ inputs: [input()] });

    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('2');
    expect(await response.json()).toEqual({
      error: 'is loading',
      loading: { state: 'warming', progress: 0.5, eta: 1_900 },
    });
  });

  it('serves metadata, readiness, configuration, statistics and the repository', async () => {
    const get = async (path: string) => (await gateway.fetch(path)).json();

    expect(await get('/v2')).toMatchObject({ name: 'trivium' });
    expect(await get('/v2/health/live')).toEqual({ live: true });
    expect(await get('/v2/models/echo')).toMatchObject({
      versions: ['1', '2'],
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, -1] }],
    });
    expect(await get('/v2/models/echo/versions/stable')).toMatchObject({ versions: ['1'] });
    expect(await get('/v2/models/echo/config')).toMatchObject({ input: [{ data_type: 'TYPE_FP32' }] });
    expect(await get('/v2/models/stats')).toMatchObject({ model_stats: [{ last_inference: 5 }] });
    expect((await gateway.post('/v2/repository/models/echo/unload', '')).status).toBe(200);
    expect((await gateway.fetch('/v2/models/echo/ready')).status).toBe(503);
    expect(await (await gateway.post('/v2/repository/index', { ready: true })).json()).toEqual([]);
    expect((await gateway.post('/v2/repository/models/echo/load', {})).status).toBe(200);
    expect((await gateway.fetch('/v2/models/echo/ready')).status).toBe(200);
    const overridden = await gateway.post('/v2/repository/models/echo/load', {
      parameters: { config: '{}' },
    });
    expect(await overridden.json()).toEqual({ error: expect.stringContaining('parameters.config') });
  });
});

describe('gRPC', () => {
  const proto = fileURLToPath(new URL('../proto/open-inference.proto', import.meta.url));
  const definition = loadSync(proto, { keepCase: true, longs: Number, defaults: true, oneofs: true });
  interface Failure extends Error {
    readonly code: number;
    readonly details: string;
    readonly metadata: Metadata;
  }
  type Method = (
    request: object,
    metadata: Metadata,
    options: object,
    done: (error: Failure | null, reply: Record<string, unknown>) => void,
  ) => { cancel(): void };
  let client: Record<string, Method> & { close(): void };

  beforeAll(() => {
    const { inference } = loadPackageDefinition(definition) as unknown as {
      inference: { GRPCInferenceService: new (address: string, security: unknown) => typeof client };
    };
    client = new inference.GRPCInferenceService(
      `127.0.0.1:${gateway.server.grpcPort}`,
      credentials.createInsecure(),
    );
  });
  afterAll(() => client.close());

  const call = (
    method: string,
    request: object,
    key = LOCAL_KEY,
    begun?: (call: { cancel(): void }) => void,
  ) => {
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${key}`);
    const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
    const open = client[method]?.(request, metadata, { deadline: Date.now() + 20_000 }, (error, reply) =>
      error === null ? resolve(reply) : reject(error),
    );
    if (open !== undefined) begun?.(open);
    return promise;
  };
  const typed = { name: 'x', datatype: 'INT64', shape: [2], contents: { int64_contents: [1, 2] } };

  it('answers typed contents with typed contents and raw with raw', async () => {
    expect(await call('ModelInfer', { model_name: 'echo', id: 'a', inputs: [typed] })).toMatchObject({
      id: 'a',
      model_version: '2',
      outputs: [{ contents: { int64_contents: [1, 2] } }],
      raw_output_contents: [],
    });
    const raw = Buffer.alloc(4 * 600_000, 3);
    const head = { name: 'x', datatype: 'FP32', shape: [600_000] };
    const answer = await call('ModelInfer', {
      model_name: 'echo',
      inputs: [head],
      raw_input_contents: [raw],
    });
    expect((answer['raw_output_contents'] as Buffer[])[0]?.equals(raw)).toBe(true);
  });

  it('names what is wrong', async () => {
    const shape = { model_name: 'echo', inputs: [{ ...typed, shape: [3] }] };
    await expect(call('ModelInfer', shape)).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining('inputs[0].shape'),
    });
    const parameters = { sequence_id: { int64_param: 1 } };
    await expect(
      call('ModelInfer', { model_name: 'echo', inputs: [typed], parameters }),
    ).rejects.toMatchObject({
      details: expect.stringContaining('sequence_id'),
    });
    await expect(call('ModelInfer', { model_name: 'echo' }, 'sk-wrong-key-of-nobody')).rejects.toMatchObject({
      code: status.UNAUTHENTICATED,
    });
    await expect(call('ModelMetadata', { name: 'NoName' })).rejects.toMatchObject({ code: status.NOT_FOUND });
    echo.failure = new DomainError('overloaded', 'full');
    await expect(call('ModelInfer', { model_name: 'echo', inputs: [typed] })).rejects.toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
    });
  });

  it('stops the work of a call that is cancelled', async () => {
    const gate = Promise.withResolvers<void>();
    echo.gate = gate.promise;
    const asked = echo.asked.length;
    let open: { cancel(): void } | undefined;
    const answer = call(
      'ModelInfer',
      { model_name: 'echo', inputs: [typed] },
      LOCAL_KEY,
      (begun) => (open = begun),
    );
    const outcome = expect(answer).rejects.toMatchObject({ code: status.CANCELLED });
    await expect.poll(() => echo.asked.length).toBe(asked + 1);
    open?.cancel();
    await outcome;
    await echo.cancelled.promise;
    gate.resolve();
  });

  it('serves metadata, configuration, statistics and the repository', async () => {
    expect(await call('ServerReady', {}, '')).toEqual({ ready: true });
    expect(await call('ModelReady', { name: 'echo', version: 'stable' })).toEqual({ ready: true });
    expect(await call('ModelMetadata', { name: 'echo' })).toMatchObject({ inputs: [{ shape: [-1, -1] }] });
    expect(await call('ModelConfig', { name: 'echo' })).toMatchObject({ config: { max_batch_size: 8 } });
    expect(await call('ModelStatistics', {})).toMatchObject({ model_stats: [{ inference_count: 3 }] });
    expect(await call('RepositoryIndex', {})).toMatchObject({ models: [{ name: 'echo' }, { version: '2' }] });
    expect(await call('RepositoryModelUnload', { model_name: 'echo' })).toEqual({});
    expect(await call('ModelReady', { name: 'echo' })).toEqual({ ready: false });
  });
});
