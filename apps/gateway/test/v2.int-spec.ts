import { DomainError } from '@trivium/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type RunningGateway, startGateway } from './running-gateway.js';
import { type EchoService, type RunningEcho, startEcho } from './v2-service.js';

const HEADER = 'inference-header-content-length';

let gateway: RunningGateway;
let running: RunningEcho;
let echo: EchoService;

beforeAll(async () => {
  gateway = await startGateway();
  running = await startEcho(gateway.nats.url);
  ({ echo } = running);
});
beforeEach(() => echo.reset());
afterAll(async () => {
  await running[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
});

const input = (overrides: object = {}) => ({
  name: 'x',
  shape: [1, 2],
  datatype: 'FP32',
  data: [1, 2],
  ...overrides,
});
const infer = (body: object, model = 'echo') => gateway.post(`/v2/models/${model}/infer`, body);

describe('the Open Inference Protocol over HTTP', () => {
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

  it('says of a variant whether it is loaded, and of a label of which version', async () => {
    const statusOf = async (path: string) => (await gateway.fetch(path)).status;

    expect(await statusOf('/v2/models/echo@fp32/ready')).toBe(200);
    expect(await statusOf('/v2/models/echo@int8/ready')).toBe(503);
    expect(await statusOf('/v2/models/echo@int8/versions/stable/ready')).toBe(503);
    expect(await statusOf('/v2/models/echo@fp16/ready')).toBe(404);
    expect(await statusOf('/v2/models/echo@fp16')).toBe(404);
    expect(await statusOf('/v2/models/echo/versions/stable/ready')).toBe(200);
    expect(await statusOf('/v2/models/echo/versions/nightly/ready')).toBe(404);
  });

  it('unloads one version, with all of its variants', async () => {
    const unload = (model: string, body: object) =>
      gateway.post(`/v2/repository/models/${model}/unload`, body);

    expect((await unload('echo', { parameters: { version: 'stable' } })).status).toBe(200);
    expect(echo.unloaded.at(-1)).toEqual({ model: 'echo', version: 'stable' });
    expect((await unload('echo', { parameters: { unload_dependents: false } })).status).toBe(200);
    expect(echo.unloaded.at(-1)).toEqual({ model: 'echo' });
    const before = echo.unloaded.length;
    expect((await unload('echo@int8', {})).status).toBe(400);
    const dependents = await unload('echo', { parameters: { unload_dependents: true } });
    expect(await dependents.json()).toEqual({ error: expect.stringContaining('unload_dependents') });
    expect(echo.unloaded).toHaveLength(before);
  });
});
