import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:http2';
import { request } from 'node:https';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LOCAL_KEY, type RunningGateway, startGateway } from './running-gateway.js';

/** Self-signed, for these tests alone. */
const pem = (name: string) =>
  readFile(new URL(`certificate/localhost.test-${name}.pem`, import.meta.url), 'utf8');

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
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  session.close();

  expect(headers[':status']).toBe(200);
  expect(headers['content-type']).toBe('text/event-stream; charset=utf-8');
  expect(text).toContain('Hello');
  expect(text).toMatch(/data: \[DONE\]\n\n$/);
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
