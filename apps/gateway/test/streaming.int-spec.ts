import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { DomainError } from '@trivium/contracts';
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
});
