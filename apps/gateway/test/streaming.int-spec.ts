import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { DomainError } from '@trivium/contracts';
import type { ConversePart } from '@trivium/contracts/router';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { routeDecided, saying, turnEnd } from './fake-services.js';
import { LOCAL_KEY, type RunningGateway, startGateway } from './running-gateway.js';
import { sseEvents } from './sse.js';

const HELLO = { model: 'trivium', messages: [{ role: 'user' as const, content: 'Hi' }] };
const STREAM = { ...HELLO, stream: true as const };

let gateway: RunningGateway;

beforeAll(async () => {
  gateway = await startGateway({ GATEWAY_HEARTBEAT_MS: '100', GATEWAY_STALL_TIMEOUT_MS: '1500' });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});
beforeEach(() => {
  gateway.services.turn = saying('Hello');
  gateway.services.turns.length = 0;
});

/** A turn that speaks once and then only waits; tells when it was left, and why. */
function waitingTurn() {
  const left = Promise.withResolvers<unknown>();
  gateway.services.turn = async function* (_request, { signal }) {
    try {
      yield routeDecided;
      yield { type: 'text-delta', text: 'first' };
      await once(signal, 'abort');
    } finally {
      left.resolve(signal.reason);
    }
    yield turnEnd();
  };
  return left.promise;
}

describe('a client that leaves', () => {
  it('stops the producer of its stream', async () => {
    const left = waitingTurn();
    const stream = await gateway.client.chat.completions.create(STREAM);
    for await (const chunk of stream) if (chunk.choices[0]?.delta.content === 'first') break;
    const cancelledAt = performance.now();

    expect(DomainError.is(await left)).toBe(true);
    expect(performance.now() - cancelledAt).toBeLessThan(1_000);
  });

  it('stops the work on its plain answer', async () => {
    const left = waitingTurn();
    const controller = new AbortController();
    const request = gateway.client.chat.completions.create(HELLO, { signal: controller.signal });
    const failed = expect(request).rejects.toThrow();
    await vi.waitFor(() => expect(gateway.services.turns.length).toBeGreaterThan(0));
    controller.abort();

    await failed;
    expect(DomainError.is(await left)).toBe(true);
  });
});

describe('a client that reads slowly', () => {
  const LETTERS = 'x'.repeat(64 * 1024);

  async function rawStream(): Promise<Socket> {
    const socket = connect(gateway.server.port, '127.0.0.1');
    const body = JSON.stringify(STREAM);
    socket.pause();
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${LOCAL_KEY}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    return socket;
  }

  it('freezes the producer, and is cut off when it takes nothing', async () => {
    let produced = 0;
    const left = Promise.withResolvers<void>();
    gateway.services.turn = async function* () {
      try {
        yield routeDecided;
        for (; produced < 10_000; produced += 1) yield { type: 'text-delta', text: LETTERS };
        yield turnEnd();
      } finally {
        left.resolve();
      }
    };
    const socket = await rawStream();
    socket.on('error', () => undefined);
    await left.promise;

    // Kernel buffers of both ends, one credit window and no more; the whole answer would be 640 MB.
    expect(produced).toBeGreaterThan(1);
    expect(produced).toBeLessThan(1_000);
    socket.destroy();
  });

  it('gets everything when it goes on in time', async () => {
    let produced = 0;
    gateway.services.turn = async function* () {
      yield routeDecided;
      for (; produced < 400; produced += 1) yield { type: 'text-delta', text: LETTERS };
      yield turnEnd();
    };
    const socket = await rawStream();
    await vi.waitFor(() => expect(produced).toBeGreaterThan(32));
    let received = 0;
    socket.resume();
    for await (const chunk of socket) {
      received += (chunk as Buffer).byteLength;
      if ((chunk as Buffer).includes('[DONE]')) break;
    }

    expect(received).toBeGreaterThan(400 * LETTERS.length);
  });
});

describe('a stream', () => {
  it('carries comments while there is nothing to say', async () => {
    const go = Promise.withResolvers<void>();
    gateway.services.turn = async function* () {
      yield routeDecided;
      await go.promise;
      yield { type: 'text-delta', text: 'late' };
      yield turnEnd();
    };
    const response = await gateway.post('/v1/chat/completions', STREAM);
    const seen: string[] = [];
    for await (const { event, data } of sseEvents(response)) {
      seen.push(event === 'comment' ? 'comment' : data);
      if (seen.length === 2) go.resolve();
    }

    expect(seen.slice(0, 2)).toEqual(['comment', 'comment']);
    expect(seen.at(-1)).toBe('[DONE]');
  });

  it('that fails before its first word is an answer with a status', async () => {
    gateway.services.turn = async function* () {
      yield routeDecided;
      throw new DomainError('model_not_found', 'No model is called so.');
    };
    const response = await gateway.post('/v1/chat/completions', STREAM);

    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: 'model_not_found' } });
  });

  it('that fails later ends with an error event and without [DONE]', async () => {
    gateway.services.turn = async function* () {
      yield routeDecided;
      yield { type: 'text-delta', text: 'so far' };
      throw new DomainError('upstream_error', 'The model went away.');
    };
    const events = [];
    for await (const { data } of sseEvents(await gateway.post('/v1/chat/completions', STREAM)))
      events.push(data);

    expect(JSON.parse(events.at(-1) ?? '')).toEqual({
      error: { message: 'The model went away.', type: 'server_error', param: null, code: 'upstream_error' },
    });
    expect(events).not.toContain('[DONE]');
    const stream = await gateway.client.chat.completions.create(STREAM);
    await expect(
      (async () => {
        for await (const _ of stream);
      })(),
    ).rejects.toThrow('The model went away.');
  });

  it('that breaks off without an end is an error too', async () => {
    gateway.services.turn = async function* () {
      yield routeDecided;
      yield { type: 'text-delta', text: 'so far' };
    };
    const events = [];
    for await (const { data } of sseEvents(await gateway.post('/v1/chat/completions', STREAM)))
      events.push(data);

    expect(JSON.parse(events.at(-1) ?? '')).toMatchObject({ error: { code: 'upstream_error' } });
  });
});

describe('a producer that falls silent', () => {
  const after = (...parts: readonly ConversePart[]) => {
    const left = Promise.withResolvers<unknown>();
    impatient.services.turn = async function* (_request, { signal }) {
      try {
        yield* parts;
        await once(signal, 'abort');
      } finally {
        left.resolve(signal.aborted);
      }
    };
    return left.promise;
  };
  let impatient: RunningGateway;

  beforeAll(async () => {
    impatient = await startGateway({
      GATEWAY_FIRST_TOKEN_TIMEOUT_MS: '300',
      GATEWAY_IDLE_TIMEOUT_MS: '150',
    });
  });
  afterAll(async () => {
    await impatient[Symbol.asyncDispose]();
  });

  it('before the answer begins is left, and the client told with a status', async () => {
    const left = after(routeDecided);
    const response = await impatient.post('/v1/chat/completions', STREAM);

    expect(response.status).toBe(504);
    expect(await response.json()).toMatchObject({
      error: { code: 'deadline_exceeded', message: 'The answer did not begin within 0.3 s.' },
    });
    expect(await left).toBe(true);
  });

  it.each([
    ['/v1/chat/completions', STREAM, (event: object) => event],
    [
      '/v1/responses',
      { model: 'trivium', input: 'Hi', stream: true },
      (event: object) => (event as { response: object }).response,
    ],
  ])('in the middle of an answer is left, and the client told with an event: %s', async (path, body, of) => {
    const left = after(routeDecided, { type: 'text-delta', text: 'so far' });
    const events = [];
    for await (const { data } of sseEvents(await impatient.post(path, body))) events.push(data);

    expect(of(JSON.parse(events.at(-1) ?? '') as object)).toMatchObject({
      error: { code: 'deadline_exceeded', message: 'The answer broke off: nothing came for 0.15 s.' },
    });
    expect(await left).toBe(true);
  });

  it('is waited for when the answer is sent whole', async () => {
    const streamEnded = Promise.withResolvers<void>();
    impatient.services.turn = async function* () {
      yield routeDecided;
      await streamEnded.promise;
      yield { type: 'text-delta', text: 'late' };
      yield turnEnd();
    };
    const whole = impatient.post('/v1/chat/completions', HELLO);
    const streamed = await impatient.post('/v1/chat/completions', STREAM);
    streamEnded.resolve();

    expect(streamed.status).toBe(504);
    expect((await whole).status).toBe(200);
  });
});

describe('X-Request-Timeout-Ms', () => {
  it('ends work that takes longer with 504', async () => {
    const left = waitingTurn();
    const response = await gateway.post('/v1/chat/completions', HELLO, { 'x-request-timeout-ms': '200' });

    expect(response.status).toBe(504);
    expect(await response.json()).toMatchObject({ error: { code: 'deadline_exceeded' } });
    await left;
  });

  it('must be a number', async () => {
    const response = await gateway.post('/v1/chat/completions', HELLO, { 'x-request-timeout-ms': 'soon' });

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: 'X-Request-Timeout-Ms' } });
  });

  it('ends an upload that the store does not take', async () => {
    const put = vi.spyOn(gateway.messaging.blobs, 'put').mockReturnValue(new Promise(() => undefined));
    const response = await gateway.post(
      '/v1/documents/ocr',
      { document: 'data:text/plain;base64,SGk=' },
      { 'x-request-timeout-ms': '100' },
    );
    put.mockRestore();

    expect(response.status).toBe(504);
    expect(await response.json()).toMatchObject({ error: { code: 'deadline_exceeded' } });
  });

  it.each([
    ['POST', '/v1/conversations', { items: [{ role: 'user', content: 'Hi' }] }],
    ['GET', '/v1/conversations/conv_1', undefined],
    ['POST', '/v1/conversations/conv_1', { metadata: {} }],
    ['DELETE', '/v1/conversations/conv_1', undefined],
    ['POST', '/v1/conversations/conv_1/items', { items: [{ role: 'user', content: 'Hi' }] }],
    ['GET', '/v1/conversations/conv_1/items', undefined],
    ['GET', '/v1/conversations/conv_1/items/msg_1', undefined],
    ['GET', '/v1/responses/resp_1', undefined],
    ['DELETE', '/v1/responses/resp_1', undefined],
    ['GET', '/v1/responses/resp_1/input_items', undefined],
    ['GET', '/v1/files', undefined],
    ['GET', '/v1/files/file_1', undefined],
    ['DELETE', '/v1/files/file_1', undefined],
    ['GET', '/v1/files/file_1/content', undefined],
    ['POST', '/v1/documents/ocr', { file_id: 'file_1' }],
    ['POST', '/v1/documents/invoices', { document: 'data:text/plain;base64,SGk=' }],
    ['POST', '/admin/keys', { name: 'ann' }],
    ['GET', '/admin/keys', undefined],
    ['DELETE', '/admin/keys/key_1', undefined],
  ])('is the time that every call of %s %s gets', async (method, path, body) => {
    const call = vi.spyOn(gateway.messaging, 'call');
    const headers = { 'x-request-timeout-ms': '500000', 'content-type': 'application/json' };
    await gateway.fetch(path, {
      method,
      headers: body === undefined ? { 'x-request-timeout-ms': '500000' } : headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const deadlines = call.mock.calls.map(([, , options]) => options?.deadline ?? 0);
    call.mockRestore();

    expect(deadlines.length).toBeGreaterThan(0);
    expect(Math.min(...deadlines)).toBeGreaterThan(400_000);
  });
});
