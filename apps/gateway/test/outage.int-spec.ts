import { once } from 'node:events';
import { DomainError } from '@trivium/contracts';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { routeDecided, turnEnd } from './fake-services.js';
import { type RunningGateway, startGateway } from './running-gateway.js';
import { sseEvents } from './sse.js';

const HELLO = { model: 'trivium', messages: [{ role: 'user', content: 'Hi' }] };

let gateway: RunningGateway;

beforeEach(async () => {
  gateway = await startGateway();
});
afterEach(async () => {
  await gateway[Symbol.asyncDispose]();
});

it('without the broker it is alive, not ready, and answers 503; with it, it works again', async () => {
  await gateway.nats.kill('SIGKILL');
  await vi.waitFor(async () => expect((await gateway.fetch('/health/ready')).status).toBe(503), 10_000);
  const readiness = await gateway.fetch('/health/ready');
  const chat = await gateway.post('/v1/chat/completions', HELLO);

  expect((await gateway.fetch('/health/live')).status).toBe(200);
  expect(await readiness.json()).toMatchObject({
    status: 'not ready',
    checks: expect.arrayContaining([{ name: 'nats', ready: false, reason: 'not connected to NATS' }]),
  });
  expect(chat.status).toBe(503);
  expect(chat.headers.get('retry-after')).toBe('1');
  expect(await chat.json()).toMatchObject({ error: { code: 'unavailable' } });

  await gateway.nats.restart();
  await vi.waitFor(async () => expect((await gateway.post('/v1/chat/completions', HELLO)).status).toBe(200), {
    timeout: 20_000,
    interval: 200,
  });
  expect((await gateway.fetch('/health/ready')).status).toBe(200);
});

it('without the database what is stateless works and what is stateful says 503', async () => {
  gateway.services.sessionFailure = new DomainError('unavailable', 'The database is away.', {
    retryAfterMs: 3_000,
  });
  const chat = await gateway.post('/v1/chat/completions', HELLO);
  const conversation = await gateway.post('/v1/conversations', {});
  const files = await gateway.fetch('/v1/files');

  expect(chat.status).toBe(200);
  expect(conversation.status).toBe(503);
  expect(conversation.headers.get('retry-after')).toBe('3');
  expect(files.status).toBe(503);
});

it('lets streams finish while it drains', async () => {
  const go = Promise.withResolvers<void>();
  gateway.services.turn = async function* () {
    yield routeDecided;
    yield { type: 'text-delta', text: 'begun' };
    await go.promise;
    yield { type: 'text-delta', text: ' and ended' };
    yield turnEnd();
  };
  const response = await gateway.post('/v1/chat/completions', { ...HELLO, stream: true });
  const drained = gateway.server.drain?.(10_000);
  go.resolve();
  const events = [];
  for await (const { data } of sseEvents(response)) events.push(data);
  await drained;

  expect(events.at(-1)).toBe('[DONE]');
  await expect(fetch(`${gateway.url}/health/live`)).rejects.toThrow();
});

it('ends streams that outlast the drain with an error worth a retry', async () => {
  const left = Promise.withResolvers<void>();
  gateway.services.turn = async function* (_request, { signal }) {
    try {
      yield routeDecided;
      yield { type: 'text-delta', text: 'begun' };
      await once(signal, 'abort');
    } finally {
      left.resolve();
    }
  };
  const response = await gateway.post('/v1/chat/completions', { ...HELLO, stream: true });
  const drained = gateway.server.drain?.(100);
  const events = [];
  for await (const { data } of sseEvents(response)) events.push(data);
  await drained;
  await left.promise;

  expect(JSON.parse(events.at(-1) ?? '')).toMatchObject({
    error: { code: 'unavailable', type: 'server_error' },
  });
});
