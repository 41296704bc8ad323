import { DomainError } from '@trivium/contracts';
import { describe, expect, it } from 'vitest';
import { FakeClock, settled } from '../clock/fake-clock.js';
import { Lifecycle, type LifecycleOptions, type ReportLoad } from './lifecycle.js';
import { LoadPace } from './load-pace.js';

class Session implements AsyncDisposable {
  closed = false;
  async [Symbol.asyncDispose](): Promise<void> {
    this.closed = true;
  }
}

interface Opening {
  readonly report: ReportLoad;
  readonly signal: AbortSignal;
  finish(): Session;
  fail(error: unknown): void;
}

function subject(options: Partial<LifecycleOptions<Session>> = {}) {
  const clock = new FakeClock();
  const openings: Opening[] = [];
  const lifecycle = new Lifecycle<Session>({
    name: 'mini',
    clock,
    open: (report, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<Session>();
      openings.push({
        report,
        signal,
        finish: () => {
          const session = new Session();
          resolve(session);
          return session;
        },
        fail: reject,
      });
      return promise;
    },
    ...options,
  });
  const opening = (index: number): Opening => {
    const one = openings[index];
    if (one === undefined) throw new RangeError(`Nothing was opened for the ${index}th time`);
    return one;
  };
  /** Loads it, with no lease. */
  const ready = async (): Promise<Session> => {
    const loaded = lifecycle.load();
    await settled();
    const session = opening(openings.length - 1).finish();
    await loaded;
    return session;
  };
  return { clock, lifecycle, openings, opening, ready };
}

describe('Lifecycle', () => {
  it('loads once however many ask', async () => {
    const { lifecycle, openings, opening } = subject();
    const leases = [1, 2, 3].map(() => lifecycle.lease({ waitMs: 1_000 }));
    await settled();
    const session = opening(0).finish();

    expect((await Promise.all(leases)).every(({ resource }) => resource === session)).toBe(true);
    expect(openings).toHaveLength(1);
    expect(lifecycle).toMatchObject({ state: 'READY', busy: 3 });
  });

  it('answers model_loading with progress and eta after the wait limit, and goes on loading', async () => {
    const { clock, lifecycle, opening } = subject();
    const lease = lifecycle.lease({ waitMs: 2_000 });
    const refused = expect(lease).rejects.toMatchObject({
      code: 'model_loading',
      retryAfterMs: 6_000,
      details: { loading: { state: 'starting', progress: 0.25, etaMs: 6_000 } },
    });
    await settled();
    opening(0).report('starting', 0.25);
    await clock.advance(2_000);

    await refused;
    opening(0).finish();
    using later = await lifecycle.lease({ waitMs: 0 });
    expect(later.resource.closed).toBe(false);
  });

  it('expects a load to take what earlier loads of its size took', async () => {
    const pace = new LoadPace();
    pace.record(1_000, 4_000);
    const { clock, lifecycle } = subject({ pace, bytes: 500 });
    const lease = lifecycle.lease({ waitMs: 500 });
    const refused = expect(lease).rejects.toMatchObject({ details: { loading: { etaMs: 1_500 } } });
    await settled();
    await clock.advance(500);

    await refused;
  });

  it('refuses with the reason while a failed load cools down, each time longer', async () => {
    const { clock, lifecycle, opening, openings } = subject();
    const first = lifecycle.lease({ waitMs: 1_000 });
    const refused = expect(first).rejects.toMatchObject({
      code: 'model_not_available',
      retryable: true,
      retryAfterMs: 1_000,
      details: { reason: 'no such operator' },
    });
    await settled();
    opening(0).fail(new DomainError('model_not_available', 'no such operator'));
    await refused;
    await clock.advance(400);
    await expect(lifecycle.lease({ waitMs: 1_000 })).rejects.toMatchObject({ retryAfterMs: 600 });
    expect(openings).toHaveLength(1);

    await clock.advance(600);
    const second = expect(lifecycle.lease({ waitMs: 1_000 })).rejects.toMatchObject({ retryAfterMs: 2_000 });
    await settled();
    opening(1).fail(new DomainError('model_not_available', 'no such operator'));
    await second;
    expect(lifecycle).toMatchObject({ state: 'UNAVAILABLE', reason: 'no such operator' });
  });

  it('tells nothing of an unexpected fault but that there was one', async () => {
    const { lifecycle, opening } = subject();
    const lease = expect(lifecycle.lease({ waitMs: 1_000 })).rejects.toThrow(/unexpected fault/u);
    await settled();
    opening(0).fail(new Error('/secret/path'));

    await lease;
    expect(lifecycle.reason).not.toContain('secret');
  });

  it('unloads when the last lease has ended, and not before', async () => {
    const { lifecycle, ready } = subject();
    const session = await ready();
    const lease = await lifecycle.lease({ waitMs: 0 });
    const unloaded = lifecycle.unload();
    await settled();

    expect(lifecycle.state).toBe('UNLOADING');
    expect(session.closed).toBe(false);
    lease[Symbol.dispose]();
    await unloaded;
    expect(session.closed).toBe(true);
    expect(lifecycle.state).toBe('UNAVAILABLE');
  });

  it('stays ready when the leases outlast the bound of an unload', async () => {
    const { clock, lifecycle, ready } = subject({ drainMs: 1_000 });
    const session = await ready();
    using _lease = await lifecycle.lease({ waitMs: 0 });
    const refused = expect(lifecycle.unload()).rejects.toMatchObject({ code: 'conflict' });
    await clock.advance(1_000);

    await refused;
    expect(session.closed).toBe(false);
    expect(lifecycle.state).toBe('READY');
  });

  it('replaces without a gap: the old one ends with its last lease', async () => {
    const { lifecycle, opening, ready } = subject();
    const old = await ready();
    const held = await lifecycle.lease({ waitMs: 0 });
    const reloaded = lifecycle.reload();
    await settled();
    using during = await lifecycle.lease({ waitMs: 0 });
    expect(during.resource).toBe(old);
    const fresh = opening(1).finish();
    await reloaded;

    using after = await lifecycle.lease({ waitMs: 0 });
    expect(after.resource).toBe(fresh);
    expect(old.closed).toBe(false);
    held[Symbol.dispose]();
    during[Symbol.dispose]();
    await settled();
    expect(old.closed).toBe(true);
  });

  it('keeps the old one when the new one does not load', async () => {
    const { lifecycle, opening, ready } = subject();
    const old = await ready();
    const reloaded = expect(lifecycle.reload()).rejects.toThrow('not ONNX');
    await settled();
    opening(1).fail(new DomainError('model_not_available', 'not ONNX'));

    await reloaded;
    using lease = await lifecycle.lease({ waitMs: 0 });
    expect(lease.resource).toBe(old);
  });

  it('unloads what is idle for its keep-alive, and counts from the last lease', async () => {
    const { clock, lifecycle, ready } = subject({ keepAliveMs: 5_000 });
    const session = await ready();
    const lease = await lifecycle.lease({ waitMs: 0 });
    await clock.advance(60_000);
    lease[Symbol.dispose]();
    await clock.advance(4_999);
    expect(session.closed).toBe(false);
    await clock.advance(1);

    expect(session.closed).toBe(true);
    expect(lifecycle.reason).toBe('idle for 5000 ms');
  });

  it('keeps an unused load for those who were told to come back', async () => {
    const { clock, ready } = subject({ keepAliveMs: 0 });
    const session = await ready();
    await clock.advance(30_000);

    expect(session.closed).toBe(false);
  });

  it('gives up a load that takes too long, and closes what arrives late', async () => {
    const { clock, lifecycle, opening } = subject({ loadTimeoutMs: 1_000 });
    const load = expect(lifecycle.load()).rejects.toMatchObject({ code: 'model_not_available' });
    await settled();
    await clock.advance(1_000);
    await load;
    const late = opening(0).finish();
    await settled();

    expect(opening(0).signal.aborted).toBe(true);
    expect(late.closed).toBe(true);
  });

  it('lets a caller leave without ending the load', async () => {
    const { lifecycle, opening } = subject();
    const leaving = new AbortController();
    const left = expect(lifecycle.lease({ waitMs: 1_000, signal: leaving.signal })).rejects.toThrow('gone');
    leaving.abort(new Error('gone'));
    await left;

    expect(opening(0).signal.aborted).toBe(false);
  });
});
