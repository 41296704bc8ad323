import { describe, expect, it, vi } from 'vitest';
import { Health } from './health.js';

const open = (options?: ConstructorParameters<typeof Health>[0]): Health => {
  const health = new Health(options);
  health.setNotReady(undefined);
  return health;
};

describe('Health', () => {
  it('is not ready before the service says so', async () => {
    expect(await new Health().readiness()).toEqual({
      ready: false,
      checks: [{ name: 'service', ready: false, reason: 'starting' }],
    });
  });

  it('shows the reason of each probe that throws or rejects', async () => {
    const health = open();
    health.addReadiness('models', () => {
      throw new Error('det.onnx is missing');
    });
    health.addReadiness('database', async () => Promise.reject(new Error('refused')));
    health.addReadiness('nats', () => undefined);

    expect(await health.readiness()).toEqual({
      ready: false,
      checks: [
        { name: 'service', ready: true },
        { name: 'models', ready: false, reason: 'det.onnx is missing' },
        { name: 'database', ready: false, reason: 'refused' },
        { name: 'nats', ready: true },
      ],
    });
  });

  it('does not wait for a probe that hangs', async () => {
    const health = open({ probeTimeoutMs: 10 });
    health.addReadiness('database', async () => new Promise<void>(() => undefined));

    expect((await health.readiness()).checks[1]).toEqual({
      name: 'database',
      ready: false,
      reason: 'no answer within 10 ms',
    });
  });

  it('asks once for all who ask within the second', async () => {
    let now = 0;
    const probe = vi.fn();
    const health = open({ now: () => now });
    health.addReadiness('database', probe);

    await Promise.all([health.readiness(), health.readiness()]);
    now = 999;
    await health.readiness();
    expect(probe).toHaveBeenCalledTimes(1);

    now = 1_000;
    await health.readiness();
    expect(probe).toHaveBeenCalledTimes(2);
  });

  it('lets the service close at once, cached answers or not', async () => {
    const health = open({ now: () => 0 });
    health.addReadiness('nats', () => undefined);
    await health.readiness();

    health.setNotReady('stopping: SIGTERM');

    expect((await health.readiness()).ready).toBe(false);
  });

  it('forgets a probe that was taken back, and refuses two of one name', async () => {
    const health = open();
    const remove = health.addReadiness('cache', () => {
      throw new Error('cold');
    });
    expect(() => health.addReadiness('cache', () => undefined)).toThrow('cache');

    remove();

    expect((await health.readiness()).ready).toBe(true);
  });
});
