import { DomainError } from '@trivium/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LOCAL_KEY, type RunningGateway, startGateway } from './running-gateway.js';

const KEY = 'sk-trivium-key-of-somebody';
const HELLO = { model: 'trivium', messages: [{ role: 'user', content: 'Hi' }] };
const as = (key: string) => ({ authorization: `Bearer ${key}` });

let gateway: RunningGateway;

afterEach(async () => {
  await gateway[Symbol.asyncDispose]();
});

describe('a key', () => {
  beforeEach(async () => {
    gateway = await startGateway({ GATEWAY_KEY_FRESH_MS: '150' });
    gateway.services.addKey(KEY, { tenant: 'acme' });
  });

  it.each([
    ['is missing', {}],
    ['is of another scheme', { authorization: 'Basic abc' }],
    ['is not known', as('sk-trivium-wrong')],
  ])('that %s is refused', async (_how, headers) => {
    const response = await fetch(`${gateway.url}/v1/models`, { headers });

    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(await response.json()).toMatchObject({
      error: { code: 'invalid_api_key', type: 'authentication_error' },
    });
  });

  it('is checked before the body is read', async () => {
    const response = await gateway.post('/v1/chat/completions', '{"broken', as('sk-trivium-wrong'));

    expect(response.status).toBe(401);
  });

  it('acts for its tenant', async () => {
    const tenants: string[] = [];
    const { turn } = gateway.services;
    gateway.services.turn = (request, context) => {
      tenants.push(context.tenant);
      return turn(request, context);
    };
    await gateway.post('/v1/chat/completions', HELLO, as(KEY));
    await gateway.post('/v1/chat/completions', HELLO, as(LOCAL_KEY));

    expect(tenants).toEqual(['acme', 'default']);
  });

  it('is asked for once, however many come with it at the same time', async () => {
    const responses = await Promise.all(
      Array.from({ length: 8 }, () => gateway.fetch('/v1/models', { headers: as(KEY) })),
    );

    expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
    expect(gateway.services.keyChecks).toBe(1);
  });

  it('keeps working while nobody can vouch for it, where an unknown one cannot', async () => {
    await gateway.fetch('/v1/models', { headers: as(KEY) });
    gateway.services.sessionFailure = new DomainError('unavailable', 'The database is away.');
    // Until the time is over for which the first answer is believed, nobody is asked.
    const known = await vi.waitFor(async () => {
      const response = await gateway.post('/v1/chat/completions', HELLO, as(KEY));
      expect(gateway.services.keyChecks).toBeGreaterThan(1);
      return response;
    });
    const unknown = await gateway.post('/v1/chat/completions', HELLO, as('sk-trivium-other'));

    expect(known.status).toBe(200);
    expect(unknown.status).toBe(503);
    expect(unknown.headers.get('retry-after')).toBe('1');
  });

  it('stops working after it was revoked', async () => {
    await gateway.fetch('/v1/models', { headers: as(KEY) });
    gateway.services.keys.clear();

    await vi.waitFor(async () =>
      expect((await gateway.fetch('/v1/models', { headers: as(KEY) })).status).toBe(401),
    );
  });

  it('of the environment works without the session', async () => {
    gateway.services.sessionFailure = new DomainError('unavailable', 'The database is away.');
    const response = await gateway.post('/v1/chat/completions', HELLO);

    expect(response.status).toBe(200);
    expect(gateway.services.keyChecks).toBe(0);
  });

  it('is made, listed and revoked by an administrator', async () => {
    const made = (await (await gateway.post('/admin/keys', { name: 'ann' })).json()) as {
      id: string;
      key: string;
    };
    const works = await gateway.fetch('/v1/models', { headers: as(made.key) });
    const listed = await (await gateway.fetch('/admin/keys')).text();
    await gateway.fetch(`/admin/keys/${made.id}`, { method: 'DELETE' });

    expect(made.key).toMatch(/^sk-trivium-[\w-]{43}$/);
    expect(works.status).toBe(200);
    expect(listed).toContain(made.id);
    expect(listed).not.toContain(made.key);
    await vi.waitFor(async () =>
      expect((await gateway.fetch('/v1/models', { headers: as(made.key) })).status).toBe(401),
    );
  });

  it('without the scope cannot make keys', async () => {
    const response = await gateway.post('/admin/keys', { name: 'eve' }, as(KEY));

    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ error: { code: 'permission_denied' } });
  });
});

describe('the request limit', () => {
  beforeEach(async () => {
    gateway = await startGateway({ GATEWAY_REQUESTS_PER_MINUTE: '2' });
    gateway.services.addKey(KEY);
  });

  it('holds per key and says how much is left', async () => {
    const first = await gateway.fetch('/v1/models', { headers: as(KEY) });
    await gateway.fetch('/v1/models', { headers: as(KEY) });
    const third = await gateway.fetch('/v1/models', { headers: as(KEY) });
    const other = await gateway.fetch('/v1/models', { headers: as(LOCAL_KEY) });

    expect(first.headers.get('x-ratelimit-limit-requests')).toBe('2');
    expect(first.headers.get('x-ratelimit-remaining-requests')).toBe('1');
    expect(first.headers.get('x-ratelimit-reset-requests')).toMatch(/^(\d+s|1m0s)$/);
    expect(third.status).toBe(429);
    expect(Number(third.headers.get('retry-after'))).toBeGreaterThan(50);
    expect(await third.json()).toMatchObject({ error: { type: 'rate_limit_error' } });
    expect(other.status).toBe(200);
  });
});
