import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Health } from './health.js';
import { type OpsServer, startOpsServer } from './ops-server.js';

let health: Health;
let metrics: () => Promise<string>;
let server: OpsServer;

beforeEach(async () => {
  health = new Health({ cacheMs: 0 });
  metrics = async () => 'jobs_total 1\n';
  server = await startOpsServer({ host: '127.0.0.1', port: 0, health, metrics: async () => metrics() });
});

afterEach(async () => server[Symbol.asyncDispose]());

const ask = async (path: string, init?: RequestInit): Promise<Response> =>
  fetch(`http://127.0.0.1:${server.port}${path}`, init);

describe('ops server', () => {
  it('is live while it starts, and says how late the event loop runs', async () => {
    const response = await ask('/health/live');

    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      status: 'live',
      eventLoopDelay: { maxMs: expect.any(Number), meanMs: expect.any(Number) },
    });
  });

  it('is not live any more once only a new process helps', async () => {
    health.reportWedged('worker lost');

    const response = await ask('/health/live');

    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ status: 'wedged', reason: 'worker lost' });
  });

  it('answers readiness with 503 and the reasons, then 200', async () => {
    const early = await ask('/health/ready');
    health.setNotReady(undefined);
    const late = await ask('/health/ready?verbose');

    expect([early.status, late.status]).toEqual([503, 200]);
    expect(await early.json()).toMatchObject({ status: 'not-ready', checks: [{ reason: 'starting' }] });
  });

  it('gives metrics as Prometheus text', async () => {
    const response = await ask('/metrics');

    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await response.text()).toBe('jobs_total 1\n');
  });

  it.each([
    ['/other', 'GET', 404],
    ['/__proto__', 'GET', 404],
    ['/metrics', 'POST', 405],
    ['/metrics', 'HEAD', 200],
  ])('%s by %s is %i', async (path, method, status) => {
    expect((await ask(path, { method })).status).toBe(status);
  });

  it('survives metrics that cannot be rendered', async () => {
    metrics = async () => Promise.reject(new Error('no reader'));

    expect((await ask('/metrics')).status).toBe(500);
    expect((await ask('/health/live')).status).toBe(200);
  });

  it('names the port when it is taken', async () => {
    await expect(startOpsServer({ host: '127.0.0.1', port: server.port, health })).rejects.toThrow(
      String(server.port),
    );
  });
});
