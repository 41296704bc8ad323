import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ModelManifest } from '@trivium/contracts/model-manifest';
import { HEADER_LENGTH } from '@trivium/contracts/open-inference';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RemoteTensorModel } from '../src/remote/remote-tensor-model.js';

const manifest = ModelManifest.parse({ id: 'echo', task: 'tensors', licence: 'MIT', hang_after_ms: 5_000 });
const data = new Uint8Array([1, 0, 0, 0, 2, 0, 0, 0]);
const work = { task: { inputs: [{ name: 'x', datatype: 'INT32', shape: [2], data }] }, trace: {} } as const;

let answer: (request: IncomingMessage, body: Buffer, response: ServerResponse) => void;
let server: Server;
let model: RemoteTensorModel;

beforeEach(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    answer(request, Buffer.concat(chunks), response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const group = { kind: 'KIND_REMOTE', url, model: 'echo@int8', count: 2 } as const;
  model = new RemoteTensorModel({
    manifest,
    variant: 'fp32',
    group,
    key: 'sk-theirs',
    maxAnswerBytes: 1_000,
  });
});
afterEach(async () => {
  await model[Symbol.asyncDispose]();
  server.closeAllConnections();
  server.close();
});

const run = (signal = new AbortController().signal) => model.doRun([work], signal);

it('sends and takes raw tensors', async () => {
  answer = (request, body, response) => {
    const length = Number(request.headers[HEADER_LENGTH]);
    expect(request.url).toBe('/v2/models/echo%40int8/infer');
    expect(request.headers.authorization).toBe('Bearer sk-theirs');
    const raw = body.subarray(length);
    const output = { name: 'y', datatype: 'INT32', shape: [2], parameters: { binary_data_size: raw.length } };
    const head = JSON.stringify({ model_name: 'echo', model_version: '1', outputs: [output] });
    response.setHeader(HEADER_LENGTH, head.length).end(Buffer.concat([Buffer.from(head), raw]));
  };

  const [result] = await run();
  expect(result?.outputs).toMatchObject([{ name: 'y', datatype: 'INT32', shape: [2] }]);
  expect([...(result?.outputs[0]?.data ?? [])]).toEqual([...data]);
});

it('brings the states of tokens together here, which another server need not know of', async () => {
  const states = Float32Array.of(1, 2, 3, 4);
  answer = (_request, _body, response) => {
    const parameters = { binary_data_size: states.byteLength };
    const output = { name: 'y', datatype: 'FP32', shape: [1, 2, 2], parameters };
    const head = JSON.stringify({ model_name: 'echo', model_version: '1', outputs: [output] });
    const body = Buffer.concat([Buffer.from(head), Buffer.from(states.buffer)]);
    response.setHeader(HEADER_LENGTH, head.length).end(body);
  };
  const task = { ...work.task, pooling: { output: 'y', mask: 'mask', mode: 'mean' } } as const;

  const [result] = await model.doRun([{ task, trace: {} }], new AbortController().signal);

  expect(result?.outputs).toMatchObject([{ name: 'y', datatype: 'FP32', shape: [1, 2] }]);
  expect([...new Float32Array(Uint8Array.from(result?.outputs[0]?.data ?? []).buffer)]).toEqual([2, 3]);
});

it.each([
  ['refuses for now', 503, '{"error":"full"}', 'overloaded'],
  ['answers something else', 200, '<html>', 'upstream_error'],
  ['answers too much', 200, ' '.repeat(2_000), 'upstream_error'],
  [
    'breaks the protocol',
    200,
    '{"model_name":"a","outputs":[{"name":"y","datatype":"INT32","shape":[2],"data":[1]}]}',
    'upstream_error',
  ],
])('says that the other server %s', async (_name, status, text, code) => {
  answer = (_request, _body, response) => void response.writeHead(status).end(text);

  await expect(run()).rejects.toMatchObject({ code });
});

it('leaves when nobody waits any more', async () => {
  const left = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  answer = (_request, _body, response) => {
    response.once('close', left.resolve);
    asked.resolve();
  };
  const stop = new AbortController();
  const outcome = expect(run(stop.signal)).rejects.toThrow('gone');
  await asked.promise;
  stop.abort(new Error('gone'));

  await outcome;
  await left.promise;
});
