import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { DomainError, ERROR_CODES, type ErrorCode } from '@trivium/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ErrorBody } from '../src/errors/failure.js';
import { routeDecided } from './fake-services.js';
import { type RunningGateway, startGateway } from './running-gateway.js';

const HELLO = { model: 'trivium', messages: [{ role: 'user', content: 'Hi' }] };

let gateway: RunningGateway;

beforeAll(async () => {
  gateway = await startGateway({ GATEWAY_BODY_LIMIT_BYTES: '100000', GATEWAY_FILE_LIMIT_BYTES: '50000' });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

describe('an error of a service', () => {
  const STATUS: Record<ErrorCode, number> = {
    invalid_request: 400,
    unsupported_parameter: 400,
    unsupported_media: 400,
    context_length_exceeded: 400,
    invalid_api_key: 401,
    permission_denied: 403,
    not_found: 404,
    model_not_found: 404,
    conflict: 409,
    payload_too_large: 413,
    invalid_output: 422,
    rate_limit_exceeded: 429,
    cancelled: 499,
    internal: 500,
    upstream_error: 502,
    overloaded: 503,
    unavailable: 503,
    model_not_available: 503,
    model_loading: 503,
    deadline_exceeded: 504,
  };

  it.each(ERROR_CODES)('%s keeps its code, message and parameter', async (code) => {
    gateway.services.turn = async function* () {
      yield routeDecided;
      throw new DomainError(code, 'Something to say.', { param: 'messages[0]', retryAfterMs: 2_500 });
    };
    const response = await gateway.post('/v1/chat/completions', HELLO);
    const { error } = (await response.json()) as { error: Record<string, unknown> };

    expect(response.status).toBe(STATUS[code]);
    expect(error).toMatchObject({ code, param: 'messages[0]' });
    if (code !== 'internal') expect(error['message']).toBe('Something to say.');
    const { retryable } = new DomainError(code, '');
    expect(response.headers.get('x-should-retry')).toBe(retryable ? null : 'false');
    expect(response.headers.get('retry-after-ms')).toBe(retryable ? '2500' : null);
    expect(response.headers.get('retry-after')).toBe(retryable ? '3' : null);
  });

  it('that nobody expected tells the request id and nothing else', async () => {
    gateway.services.turn = async function* () {
      yield routeDecided;
      throw new Error('password=hunter2 at /srv/secret.ts');
    };
    const response = await gateway.post('/v1/chat/completions', HELLO);
    const body = await response.text();

    expect(response.status).toBe(500);
    expect(body).toContain(response.headers.get('x-request-id'));
    expect(body).not.toMatch(/hunter2|secret/);
  });
});

describe('what HTTP itself refuses', () => {
  it.each([
    ['JSON that is none', 400, 'invalid_request', { body: '{"model":' }],
    ['no body', 400, 'invalid_request', { body: '' }],
    ['a body of a wrong type', 415, 'unsupported_media', { body: 'x', type: 'application/xml' }],
    ['plain text', 415, 'unsupported_media', { body: 'x', type: 'text/plain' }],
    [
      'a form where none is expected',
      415,
      'unsupported_media',
      { body: '--x--', type: 'multipart/form-data; boundary=x' },
    ],
    ['a body too large', 413, 'payload_too_large', { body: JSON.stringify({ x: 'y'.repeat(100_001) }) }],
    ['a poisoned prototype', 400, 'invalid_request', { body: '{"__proto__":{"admin":true}}' }],
    ['a poisoned constructor', 400, 'invalid_request', { body: '{"constructor":{"prototype":{"a":1}}}' }],
    ['a list as a body', 400, 'invalid_request', { body: '[]' }],
  ])('%s', async (_what, status, code, { body, type }: { body: string; type?: string }) => {
    const response = await gateway.post('/v1/chat/completions', body, type ? { 'content-type': type } : {});

    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code, type: 'invalid_request_error' } });
  });

  it('a file too large', async () => {
    const form = new FormData();
    form.append('purpose', 'user_data');
    form.append('file', new Blob([new Uint8Array(50_001)]), 'big.bin');
    const response = await gateway.fetch('/v1/files', { method: 'POST', body: form });

    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: { code: 'payload_too_large' } });
  });

  it.each([
    ['GET', '/v1/nothing-here'],
    ['PUT', '/v1/models'],
    ['GET', '/v1/chat/completions'],
    ['GET', '/%zz'],
  ])('%s %s', async (method, path) => {
    const response = await gateway.fetch(path, { method });

    expect([400, 404]).toContain(response.status);
    expect(await response.json()).toMatchObject({ error: { param: null } });
  });

  it.each([
    ['no HTTP', 'hello\r\n\r\n', 400],
    ['a length that is none', 'POST /v1/files HTTP/1.1\r\nHost: x\r\nContent-Length: 1.5\r\n\r\n', 400],
    ['headers without end', `GET / HTTP/1.1\r\nHost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 431],
  ])('%s', async (_what, bytes, status) => {
    const socket = connect(gateway.server.port, '127.0.0.1');
    socket.write(bytes);
    const [head, body] = (await text(socket)).split('\r\n\r\n');

    expect(head).toContain(`HTTP/1.1 ${status} `);
    expect(head).toMatch(/x-request-id: req_/);
    expect(ErrorBody.parse(JSON.parse(body ?? ''))).toMatchObject({ error: { code: 'invalid_request' } });
  });

  it('a query parameter that is not known', async () => {
    const response = await gateway.fetch('/v1/models?colour=red');

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { code: 'unsupported_parameter', param: 'colour' },
    });
  });

  it.each(['/v1/chat/completions', '/v1/responses', '/v1/conversations', '/v1/files'])(
    'a key that should make repeating harmless: POST %s',
    async (path) => {
      const response = await gateway.post(path, HELLO, { 'Idempotency-Key': 'abc' });

      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({
        error: { code: 'unsupported_parameter', param: 'Idempotency-Key' },
      });
    },
  );

  it('but not where repeating is harmless by itself', async () => {
    const response = await gateway.fetch('/v1/models', { headers: { 'Idempotency-Key': 'abc' } });

    expect(response.status).toBe(200);
  });
});
