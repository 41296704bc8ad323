import { once } from 'node:events';
import { status } from '@grpc/grpc-js';
import { DomainError } from '@trivium/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GrpcClient, grpcClient, type Message } from './grpc-client.js';
import { type RunningGateway, startGateway } from './running-gateway.js';
import { type EchoService, type RunningEcho, startEcho } from './v2-service.js';

let gateway: RunningGateway;
let running: RunningEcho;
let elsewhere: RunningEcho;
let echo: EchoService;
let client: GrpcClient;

beforeAll(async () => {
  gateway = await startGateway();
  running = await startEcho(gateway.nats.url);
  elsewhere = await startEcho(gateway.nats.url, 'vision-inference');
  ({ echo } = running);
  client = grpcClient(gateway.server.grpcPort);
});
beforeEach(() => {
  echo.reset();
  elsewhere.echo.hasModel = false;
});
afterAll(async () => {
  client[Symbol.dispose]();
  await running[Symbol.asyncDispose]();
  await elsewhere[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
});

const typed = { name: 'x', datatype: 'INT64', shape: [2], contents: { int64_contents: [1, 2] } };
const request = { model_name: 'echo', inputs: [typed] };
const refused = (answer: Promise<Message>, code: status, naming = '') =>
  expect(answer).rejects.toMatchObject({ code, details: expect.stringContaining(naming) });

describe('a call', () => {
  it('answers typed contents with typed contents and raw with raw', async () => {
    expect(await client.call('ModelInfer', { ...request, id: 'a' })).toMatchObject({
      id: 'a',
      model_version: '2',
      parameters: { variant: { string_param: 'fp32' }, cache: { string_param: 'miss' } },
      outputs: [{ contents: { int64_contents: [1, 2] } }],
      raw_output_contents: [],
    });
    const raw = Buffer.alloc(4 * 600_000, 3);
    const head = { name: 'x', datatype: 'FP32', shape: [600_000] };
    const asked = { model_name: 'echo', inputs: [head], raw_input_contents: [raw] };
    const answer = await client.call('ModelInfer', asked);
    expect((answer['raw_output_contents'] as Buffer[])[0]?.equals(raw)).toBe(true);
  });

  it('passes on what a request asks for', async () => {
    const parameters = {
      priority: { int64_param: 2 },
      timeout: { uint64_param: 1_500 },
      cache: { bool_param: false },
    };
    await client.call('ModelInfer', { ...request, model_name: 'echo@int8', parameters });

    expect(echo.asked.at(-1)).toMatchObject({
      variant: 'int8',
      priorityLevel: 2,
      queueTimeoutMs: 1.5,
      cache: 'bypass',
    });
  });

  it('is told what is wrong, by name', async () => {
    const { INVALID_ARGUMENT, NOT_FOUND, RESOURCE_EXHAUSTED, UNAUTHENTICATED, UNAVAILABLE } = status;
    const infer = (overrides: object) => client.call('ModelInfer', { ...request, ...overrides });

    await refused(infer({ inputs: [{ ...typed, shape: [3] }] }), INVALID_ARGUMENT, 'inputs[0].shape');
    const parameters = { sequence_id: { int64_param: 1 } };
    await refused(infer({ parameters }), INVALID_ARGUMENT, 'parameters.sequence_id');
    await refused(client.call('ModelInfer', request, { key: 'sk-wrong-key-of-nobody' }), UNAUTHENTICATED);
    await refused(client.call('ModelInfer', request, { key: '' }), UNAUTHENTICATED);
    await refused(client.call('ModelMetadata', { name: 'NoName' }), NOT_FOUND, 'NoName');
    echo.failure = new DomainError('overloaded', 'full');
    await refused(infer({}), RESOURCE_EXHAUSTED);
    echo.failure = new DomainError('model_loading', 'loading', {
      retryAfterMs: 1_500,
      details: { loading: { state: 'warming', progress: 0.5 } },
    });
    const failure = await infer({}).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: UNAVAILABLE });
    const { metadata } = failure as { metadata: { get(name: string): string[] } };
    expect(metadata.get('retry-after-ms')).toEqual(['1500']);
    expect(metadata.get('error-code')).toEqual(['model_loading']);
    expect(JSON.parse(metadata.get('loading')[0] ?? '')).toMatchObject({ progress: 0.5 });
  });

  it('stops its work when it is cancelled', async () => {
    const gate = Promise.withResolvers<void>();
    echo.gate = gate.promise;
    const asked = echo.asked.length;
    const open = Promise.withResolvers<{ cancel(): void }>();
    const answer = client.call('ModelInfer', request, { begun: open.resolve });
    const outcome = refused(answer, status.CANCELLED);
    await expect.poll(() => echo.asked.length).toBe(asked + 1);
    (await open.promise).cancel();
    await outcome;
    await echo.cancelled.promise;
    gate.resolve();
  });

  it('ends at its deadline, and so does its work', async () => {
    const gate = Promise.withResolvers<void>();
    echo.gate = gate.promise;
    const outcome = refused(client.call('ModelInfer', request, { timeoutMs: 400 }), status.DEADLINE_EXCEEDED);
    await outcome;
    await echo.cancelled.promise;
    gate.resolve();
  });

  it('finds a model that has moved to another service', async () => {
    const before = await client.call('ModelInfer', request);
    echo.hasModel = false;
    elsewhere.echo.hasModel = true;
    const asked = elsewhere.echo.asked.length;
    const after = await client.call('ModelInfer', request);

    expect(after['outputs']).toEqual(before['outputs']);
    expect(elsewhere.echo.asked).toHaveLength(asked + 1);
  });

  it('serves metadata, configuration, statistics and the repository', async () => {
    const { call } = client;

    expect(await call('ServerLive', {}, { key: '' })).toEqual({ live: true });
    expect(await call('ServerReady', {}, { key: '' })).toEqual({ ready: true });
    expect(await call('ServerMetadata', {})).toMatchObject({ name: 'trivium' });
    expect(await call('ModelReady', { name: 'echo', version: 'stable' })).toEqual({ ready: true });
    expect(await call('ModelReady', { name: 'echo@int8' })).toEqual({ ready: false });
    expect(await call('ModelMetadata', { name: 'echo' })).toMatchObject({ inputs: [{ shape: [-1, -1] }] });
    expect(await call('ModelConfig', { name: 'echo' })).toMatchObject({
      config: {
        max_batch_size: 8,
        version_policy: { policy_choice: 'latest' },
        input: [{ data_type: 'TYPE_FP32', dims: [-1] }],
      },
    });
    expect(await call('ModelStatistics', { name: 'echo' })).toMatchObject({
      model_stats: [{ inference_count: 3, batch_stats: [{ batch_size: 1 }] }],
    });
    expect(await call('RepositoryIndex', {})).toMatchObject({ models: [{ name: 'echo' }, { version: '2' }] });
    const parameters = { version: { string_param: '1' }, unload_dependents: { bool_param: false } };
    expect(await call('RepositoryModelUnload', { model_name: 'echo', parameters })).toEqual({});
    expect(echo.unloaded.at(-1)).toEqual({ model: 'echo', version: '1' });
    expect(await call('ModelReady', { name: 'echo' })).toEqual({ ready: false });
    expect(await call('RepositoryModelLoad', { model_name: 'echo' })).toEqual({});
    const config = { config: { string_param: '{}' } };
    await refused(
      call('RepositoryModelLoad', { model_name: 'echo', parameters: config }),
      status.INVALID_ARGUMENT,
      'parameters.config',
    );
  });
});

describe('ModelStreamInfer', () => {
  it('answers each message in its order, and goes on where one fails', async () => {
    const stream = client.stream();
    for (const id of ['a', 'b', 'c']) {
      stream.write({ ...request, id, ...(id === 'b' && { inputs: [{ ...typed, shape: [3] }] }) });
    }
    stream.end();
    const answers: Message[] = [];
    for await (const answer of stream as AsyncIterable<Message>) answers.push(answer);

    expect(answers).toMatchObject([
      { error_message: '', infer_response: { id: 'a' } },
      { error_message: expect.stringContaining('inputs[0].shape'), infer_response: null },
      { error_message: '', infer_response: { id: 'c' } },
    ]);
  });

  it('stops the work of its message when it is cancelled', async () => {
    const gate = Promise.withResolvers<void>();
    echo.gate = gate.promise;
    const asked = echo.asked.length;
    const stream = client.stream();
    const failed = once(stream, 'error');
    stream.write(request);
    await expect.poll(() => echo.asked.length).toBe(asked + 1);
    stream.cancel();
    const [error] = (await failed) as [{ code: number }];

    expect(error.code).toBe(status.CANCELLED);
    await echo.cancelled.promise;
    gate.resolve();
  });
});
