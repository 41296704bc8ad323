import { once } from 'node:events';
import { freePort, type NatsProcess, startNats } from '@trivium/local-servers';
import { connectMessaging, type Messaging } from '@trivium/messaging';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { sayBack } from './echo.contract.js';
import { ServiceProcess } from './service-process.js';

let nats: NatsProcess;
let messaging: Messaging;

beforeAll(async () => {
  nats = await startNats();
  messaging = await connectMessaging({ name: 'test', servers: nats.url });
});

afterAll(async () => {
  await messaging[Symbol.asyncDispose]();
  await nats.stop();
});

const start = (env: Record<string, string> = {}): ServiceProcess =>
  new ServiceProcess({ NATS_URL: nats.url, ...env });

describe('a service', () => {
  it('is live at once, ready when NATS is there, and answers', async () => {
    const port = await freePort();
    using service = start({ NATS_URL: `nats://127.0.0.1:${port}` });

    const live = await service.ask('/health/live');
    const early = await service.ask('/health/ready');
    await using late = await startNats({ port });
    const ready = await service.answers('/health/ready', 200);
    const client = await connectMessaging({ name: 'test', servers: late.url });
    const reply = await client.call(sayBack, { text: 'hello' });
    await client[Symbol.asyncDispose]();

    expect(live.status).toBe(200);
    expect(early.status).toBe(503);
    expect(JSON.parse(early.body)).toMatchObject({
      checks: [{ name: 'service', ready: false, reason: 'starting' }],
    });
    expect(JSON.parse(ready.body)).toEqual({
      status: 'ready',
      checks: [
        { name: 'service', ready: true },
        { name: 'nats', ready: true },
      ],
    });
    expect(reply).toEqual({ text: 'hello', pid: service.child.pid });
  });

  it('finishes a call in flight on SIGTERM, refuses readiness meanwhile, and exits 0', async () => {
    using service = start();
    await service.answers('/health/ready', 200);
    const reply = messaging.call(sayBack, { text: 'slow', hold: true });
    await once(service.child, 'message');

    service.child.kill('SIGTERM');
    const draining = await service.answers('/health/ready', 503);
    service.child.send('go on');

    expect(JSON.parse(draining.body)).toMatchObject({
      checks: [{ ready: false, reason: 'stopping: SIGTERM' }, {}],
    });
    expect(await reply).toEqual({ text: 'slow', pid: service.child.pid });
    expect(await service.exited).toBe(0);
    expect(service.log).toContain('echo destroyed');
  });

  it('gives up on a call that outlasts the drain, and still exits by itself', async () => {
    using service = start({ DRAIN_TIMEOUT_MS: '300' });
    await service.answers('/health/ready', 200);
    const reply = messaging.call(sayBack, { text: 'slow', hold: true });
    const failure = reply.catch((error: { code: string }) => error.code);
    await once(service.child, 'message');

    service.child.kill('SIGTERM');

    expect(await failure).toMatch(/unavailable|cancelled/);
    expect(await service.exited).toBe(0);
  });

  it('is not ready while NATS is gone, and ready again when it returns', async () => {
    using service = start();
    await service.answers('/health/ready', 200);

    await nats.kill();
    const gone = await service.answers('/health/ready', 503);
    const live = await service.ask('/health/live');
    await nats.restart();
    await service.answers('/health/ready', 200);

    expect(JSON.parse(gone.body)).toMatchObject({
      status: 'not-ready',
      checks: [{ ready: true }, { name: 'nats', ready: false, reason: 'not connected to NATS' }],
    });
    expect(live.status).toBe(200);
    expect((await messaging.call(sayBack, { text: 'again' })).text).toBe('again');
  });

  it('shows metrics that Prometheus can read', async () => {
    using service = start();
    await service.answers('/health/ready', 200);

    await service.ask('/metrics'); // delays are those since the last look
    const { status, body } = await vi.waitFor(async () => {
      const answer = await service.ask('/metrics');
      if (!answer.body.includes('nodejs_eventloop_delay_p99')) throw new Error('no delay yet');
      return answer;
    });

    const sample =
      /^[a-zA-Z_:][\w:]*(\{([a-zA-Z_]\w*="(\\.|[^"\\])*",?)*\})? (-?[\d.]+(e[+-]?\d+)?|\+Inf|-Inf|NaN)( \d+)?$/;
    const bad = body
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('# ') && !sample.test(line));
    const types = [...body.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);
    expect(status).toBe(200);
    expect(bad).toEqual([]);
    expect(new Set(types).size).toBe(types.length);
    expect(body).toContain('service_ready{service="echo"} 1\n');
    expect(body).toMatch(/^app_build_info\{service="echo",version="0\.1\.0",revision="unknown"\} 1$/m);
    expect(body).toMatch(/^nodejs_eventloop_delay_p99_seconds [\d.e-]+$/m);
  });
});

describe('the end of a service', () => {
  it('comes when its launcher disconnects', async () => {
    using service = start();
    await service.answers('/health/ready', 200);

    service.child.disconnect();

    expect(await service.exited).toBe(0);
    expect(service.log).toContain('"reason":"launcher gone"');
  });

  it('comes when its launcher is killed', async () => {
    using launcher = new ServiceProcess({ NATS_URL: nats.url }, 'launcher.child.ts');
    await launcher.answers('/health/ready', 200);

    launcher.child.kill('SIGKILL');
    await launcher.exited; // the service holds the same stdout, so this is the end of both

    expect(launcher.log).toContain('"reason":"launcher gone"');
    await expect(launcher.ask('/health/live')).rejects.toThrow('fetch failed');
  });

  it('comes at once when it still waits for NATS', async () => {
    using service = start({ NATS_URL: `nats://127.0.0.1:${await freePort()}` });
    await service.ask('/health/live');

    service.child.kill('SIGINT');

    expect(await service.exited).toBe(0);
  });

  it('comes although NATS is gone', async () => {
    await using own = await startNats();
    using service = start({ NATS_URL: own.url });
    await service.answers('/health/ready', 200);
    await own.kill();
    await service.answers('/health/ready', 503);
    const askedAt = performance.now();

    service.child.kill('SIGTERM');

    expect(await service.exited).toBe(0);
    expect(performance.now() - askedAt).toBeLessThan(5_000);
  });

  it('comes with exit code 1 after an error that nobody caught, drained all the same', async () => {
    using service = start({ ECHO_MODE: 'rejects' });
    await service.answers('/health/ready', 200);
    const reply = messaging.call(sayBack, { text: 'slow', hold: true });
    await once(service.child, 'message');

    service.child.kill('SIGUSR2');
    const live = await service.answers('/health/live', 503);
    service.child.send('go on');

    expect(JSON.parse(live.body)).toMatchObject({ status: 'wedged', reason: 'unhandledRejection' });
    expect((await reply).text).toBe('slow');
    expect(await service.exited).toBe(1);
    expect(service.log).toContain('nobody caught this');
  });

  it('comes with exit code 1 when the start fails', async () => {
    using service = start({ ECHO_MODE: 'fails' });

    expect(await service.exited).toBe(1);
    expect(service.log).toContain('no paper');
  });

  it('names every fault of the configuration and no value', async () => {
    using service = start({
      OPS_PORT: 'abc',
      ECHO_MODE: 'loudly',
      ECHO_SECRET: 'shortpass',
      TRACE_EXPORTER: 'paper',
    });

    expect(await service.exited).toBe(1);
    for (const name of ['OPS_PORT', 'ECHO_MODE', 'ECHO_SECRET', 'TRACE_EXPORTER'])
      expect(service.log).toContain(name);
    for (const value of ['abc', 'loudly', 'shortpass', 'paper']) expect(service.log).not.toContain(value);
  });

  it('is forced, with exit code 1, when something keeps the process alive', async () => {
    using service = start({ ECHO_MODE: 'lingers', DRAIN_TIMEOUT_MS: '0' });
    await service.answers('/health/ready', 200);

    service.child.kill('SIGTERM');

    expect(await service.exited).toBe(1);
    expect(service.log).toContain('still alive after the stop');
    expect(service.log).toContain('"Timeout"');
  });
});
