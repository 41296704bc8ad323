import { once } from 'node:events';
import { connect } from 'node:http2';
import { request } from 'node:https';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pem } from './certificate.js';
import { LOCAL_KEY, type RunningGateway, startGateway } from './running-gateway.js';

let gateway: RunningGateway;
let ca: string;

beforeAll(async () => {
  ca = await pem('cert');
  gateway = await startGateway({ GATEWAY_TLS_CERT: ca, GATEWAY_TLS_KEY: await pem('key') });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

it('speaks HTTP/2 to those who offer it, streams included', async () => {
  const session = connect(gateway.url, { ca });
  const body = JSON.stringify({
    model: 'trivium',
    stream: true,
    messages: [{ role: 'user', content: 'Hi' }],
  });
  const stream = session.request({
    ':method': 'POST',
    ':path': '/v1/chat/completions',
    authorization: `Bearer ${LOCAL_KEY}`,
    'content-type': 'application/json',
  });
  stream.end(body);
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
  const events = await text(stream);
  session.close();

  expect(headers[':status']).toBe(200);
  expect(headers['content-type']).toBe('text/event-stream; charset=utf-8');
  expect(events).toContain('Hello');
  expect(events).toMatch(/data: \[DONE\]\n\n$/);
});

function* spaces(bytes: number): Generator<Buffer> {
  for (let sent = 0; sent < bytes; sent += 1_000) yield Buffer.alloc(1_000, ' ');
}

it('tells of a body that is too large and keeps the connection', async () => {
  const session = connect(gateway.url, { ca });
  const send = async (bytes: number): Promise<{ status: unknown; body: string }> => {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/v1/conversations',
      authorization: `Bearer ${LOCAL_KEY}`,
      'content-type': 'application/json',
    });
    // What was answered may be closed before all was sent.
    stream.on('error', () => undefined);
    Readable.from(spaces(bytes)).pipe(stream);
    const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
    return { status: headers[':status'], body: await text(stream) };
  };
  const tooLarge = await send(48 * 1024 * 1024);
  const notJson = await send(1_000);
  session.close();

  expect(tooLarge.status).toBe(413);
  expect(tooLarge.body).toContain('larger than 32 MiB');
  expect(notJson.status).toBe(400);
});

it('speaks HTTP/1.1 to the others on the same port', async () => {
  const call = request(`${gateway.url}/v1/models`, {
    ca,
    headers: { authorization: `Bearer ${LOCAL_KEY}` },
  });
  call.end();
  const [response] = (await once(call, 'response')) as [{ statusCode: number; httpVersion: string }];

  expect(response).toMatchObject({ statusCode: 200, httpVersion: '1.1' });
});
