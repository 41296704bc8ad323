import { once } from 'node:events';
import { connect, type ClientHttp2Session, type ClientHttp2Stream, constants } from 'node:http2';
import { credentials, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type GrpcClient, grpcClient, type Message } from './grpc-client.js';
import { pem } from './certificate.js';
import { LOCAL_KEY, type RunningGateway, startGateway } from './running-gateway.js';
import { type EchoService, type RunningEcho, startEcho } from './v2-service.js';

const MIB = 1024 ** 2;
const PATH = '/inference.GRPCInferenceService';

let gateway: RunningGateway;
let running: RunningEcho;
let echo: EchoService;
let client: GrpcClient;

async function start(environment: Record<string, string> = {}): Promise<void> {
  gateway = await startGateway(environment);
  running = await startEcho(gateway.nats.url);
  ({ echo } = running);
  client = grpcClient(gateway.server.grpcPort);
}
afterEach(async () => {
  client[Symbol.dispose]();
  await running[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
});

const request = {
  model_name: 'echo',
  inputs: [{ name: 'x', datatype: 'FP32', shape: [2], contents: { fp32_contents: [1, 2] } }],
};
const large = (bytes: number) => ({
  model_name: 'echo',
  inputs: [{ name: 'x', datatype: 'UINT8', shape: [bytes] }],
  raw_input_contents: [Buffer.alloc(bytes, 7)],
});
const refused = (answer: Promise<Message>, code: status, naming = '') =>
  expect(answer).rejects.toMatchObject({ code, details: expect.stringContaining(naming) });

describe('requests', () => {
  it('count against the limit of their key, as those over HTTP do', async () => {
    await start({ GATEWAY_REQUESTS_PER_MINUTE: '2' });
    await gateway.fetch('/v2');
    await client.call('ServerMetadata', {});
    const failure = await client.call('ServerMetadata', {}).catch((error: unknown) => error);
    const { code, metadata } = failure as { code: number; metadata: { get(name: string): string[] } };

    expect(code).toBe(status.RESOURCE_EXHAUSTED);
    expect(metadata.get('error-code')).toEqual(['rate_limit_exceeded']);
    expect(Number(metadata.get('retry-after-ms')[0])).toBeGreaterThan(0);
    expect(await client.call('ServerLive', {}, { key: '' })).toEqual({ live: true });
  });

  it('to load and unload need a key with the scope for it', async () => {
    await start();
    gateway.services.addKey('sk-trivium-reader', { tenant: 'other' });
    const key = 'sk-trivium-reader';

    expect(await client.call('ModelReady', { name: 'echo' }, { key })).toEqual({ ready: true });
    await refused(
      client.call('RepositoryModelUnload', { model_name: 'echo' }, { key }),
      status.PERMISSION_DENIED,
    );
  });
});

describe('messages', () => {
  const prefix = (bytes: number) => {
    const head = Buffer.alloc(5);
    head.writeUInt32BE(bytes, 1);
    return head;
  };
  let session: ClientHttp2Session;

  /** A call of which only the length of its message is sent. */
  function announce(bytes: number, compressed?: string): ClientHttp2Stream {
    const stream = session.request({
      ':method': 'POST',
      ':path': `${PATH}/ModelInfer`,
      authorization: `Bearer ${LOCAL_KEY}`,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...(compressed !== undefined && { 'grpc-encoding': compressed }),
    });
    stream.on('error', () => undefined);
    stream.write(prefix(bytes));
    return stream;
  }
  /** Of a call that is refused before its message is there. */
  async function statusOf(stream: ClientHttp2Stream): Promise<{ code: number; kind: unknown }> {
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    return { code: Number(headers['grpc-status']), kind: headers['error-code'] };
  }

  beforeEach(async () => {
    await start({
      GATEWAY_BODY_LIMIT_BYTES: String(2 * MIB),
      GATEWAY_FILE_LIMIT_BYTES: String(2 * MIB),
      GATEWAY_BODY_BUDGET_BYTES: String(4 * MIB),
    });
    session = connect(`http://localhost:${gateway.server.grpcPort}`);
    session.on('error', () => undefined);
  });
  afterEach(() => session.destroy());

  it('that together would take too much memory are refused before they are sent', async () => {
    const open = [1, 2, 3].map(() => announce(1.5 * MIB));
    const refusal = await Promise.race(open.map(statusOf));

    expect(refusal).toEqual({ code: status.RESOURCE_EXHAUSTED, kind: 'overloaded' });
    expect(await statusOfHttp(1.5 * MIB)).toBe(503);
    expect(await client.call('ModelInfer', request)).toMatchObject({ model_name: 'echo' });
    for (const stream of open) stream.close(constants.NGHTTP2_CANCEL);
    await expect.poll(() => statusOfHttp(1.5 * MIB)).toBe(200);
  });

  /** One budget for both: an inference over HTTP with so many bytes. */
  async function statusOfHttp(bytes: number): Promise<number> {
    const json = JSON.stringify({
      inputs: [{ name: 'x', shape: [bytes], datatype: 'UINT8', parameters: { binary_data_size: bytes } }],
      parameters: { binary_data_output: true },
    });
    const response = await gateway.fetch('/v2/models/echo/infer', {
      method: 'POST',
      headers: {
        'content-type': 'application/octet-stream',
        'inference-header-content-length': String(json.length),
      },
      body: Buffer.concat([Buffer.from(json), Buffer.alloc(bytes)]),
    });
    return response.status;
  }

  it('give their room back, answered or not', async () => {
    for (let sent = 0; sent < 4; sent += 1) {
      await client.call('ModelInfer', large(1.5 * MIB));
      await refused(
        client.call('ModelInfer', { ...large(1.5 * MIB), model_name: 'NoName' }),
        status.NOT_FOUND,
      );
    }
    const stream = client.stream();
    for (let sent = 0; sent < 4; sent += 1) {
      stream.write(large(1.5 * MIB));
      expect((await once(stream, 'data'))[0]).toMatchObject({ error_message: '' });
    }
    stream.end();
    await once(stream, 'end');

    expect(
      await Promise.all([1.5, 1.5].map((size) => client.call('ModelInfer', large(size * MIB)))),
    ).toHaveLength(2);
  });

  it('of a stream end it where there is no room for them', async () => {
    const stream = client.stream();
    stream.write(request);
    await once(stream, 'data');
    const gate = Promise.withResolvers<void>();
    echo.gate = gate.promise;
    const asked = echo.asked.length;
    const held = [1, 2].map(() => client.call('ModelInfer', large(1.8 * MIB)));
    await expect.poll(() => echo.asked.length).toBe(asked + 2);
    const failed = once(stream, 'error');
    stream.write(large(1.8 * MIB));

    expect((await failed)[0]).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    gate.resolve();
    await Promise.all(held);
  });

  it('larger than the limit are refused by their length', async () => {
    await refused(
      client.call('ModelInfer', large(2 * MIB + 1)),
      status.RESOURCE_EXHAUSTED,
      'larger than max',
    );
    expect(await statusOf(announce(3 * 1024 * MIB))).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    expect(await client.call('ModelInfer', request)).toMatchObject({ model_name: 'echo' });
  });

  it('count as large as they are uncompressed', async () => {
    const gzip = grpcClient(gateway.server.grpcPort, credentials.createInsecure(), {
      'grpc.default_compression_algorithm': 2,
    });

    expect(await gzip.call('ModelInfer', large(1.8 * MIB))).toMatchObject({ model_name: 'echo' });
    await refused(gzip.call('ModelInfer', large(2 * MIB + 1)), status.RESOURCE_EXHAUSTED);
    gzip[Symbol.dispose]();
  });
});

describe('with TLS', () => {
  it('has the certificate of the gateway, and no ear for those without', async () => {
    const ca = await pem('cert');
    await start({ GATEWAY_TLS_CERT: ca, GATEWAY_TLS_KEY: await pem('key') });
    const secure = grpcClient(gateway.server.grpcPort, credentials.createSsl(Buffer.from(ca)));

    expect(await secure.call('ModelInfer', request)).toMatchObject({ model_name: 'echo' });
    await expect(client.call('ServerLive', {}, { timeoutMs: 2_000 })).rejects.toMatchObject({
      code: expect.toSatisfy((code) => code === status.UNAVAILABLE || code === status.DEADLINE_EXCEEDED),
    });
    secure[Symbol.dispose]();
  });
});

describe('a drain', () => {
  it('lets calls end and takes no new ones', async () => {
    await start();
    const gate = Promise.withResolvers<void>();
    echo.gate = gate.promise;
    const open = client.call('ModelInfer', request);
    await expect.poll(() => echo.asked.length).toBe(1);
    const drained = gateway.server.drain?.(10_000);
    const late = grpcClient(gateway.server.grpcPort);
    await refused(late.call('ServerLive', {}, { timeoutMs: 5_000 }), status.UNAVAILABLE);
    gate.resolve();

    expect(await open).toMatchObject({ model_name: 'echo' });
    await drained;
    late[Symbol.dispose]();
  });

  it('ends streams when their message is answered, and those that wait at once', async () => {
    await start();
    const waiting = client.stream();
    waiting.write(request);
    await once(waiting, 'data');
    const gate = Promise.withResolvers<void>();
    echo.gate = gate.promise;
    const working = client.stream();
    working.write(request);
    await expect.poll(() => echo.asked.length).toBe(2);
    const ends = [waiting, working].map((stream) => once(stream, 'error'));
    const drained = gateway.server.drain?.(10_000);
    const answer = once(working, 'data');

    expect((await ends[0])?.[0]).toMatchObject({ code: status.UNAVAILABLE });
    gate.resolve();
    expect((await answer)[0]).toMatchObject({ error_message: '' });
    expect((await ends[1])?.[0]).toMatchObject({ code: status.UNAVAILABLE });
    await drained;
  });

  it('stops what does not end in its time, with an error worth a retry', async () => {
    await start();
    const gate = Promise.withResolvers<void>();
    echo.gate = gate.promise;
    const open = refused(client.call('ModelInfer', request), status.UNAVAILABLE, 'restarting');
    await expect.poll(() => echo.asked.length).toBe(1);
    await gateway.server.drain?.(50);

    await open;
    await echo.cancelled.promise;
    gate.resolve();
  });
});
