import { DomainError } from '@trivium/contracts';
import type { Messaging } from '@trivium/messaging';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { VerifyKey } from './verify-key.js';

const OWNER = { keyId: 'key_1', tenant: 'acme', name: 'n', scopes: [] };

class FakeSession {
  readonly call = vi.fn(async () => OWNER as unknown);

  verifier(options: { localKey?: string; staleMs?: number } = {}): VerifyKey {
    const messaging = { call: this.call } as unknown as Messaging;
    return new VerifyKey(messaging, { freshMs: 20, staleMs: 60_000, ...options });
  }
}

const away = () => new DomainError('unavailable', 'away');

let now = 1_000;

/** The cache holds on to the performance object of its start, so that its clock is set by hand. */
function pass(ms: number): void {
  now += ms;
  vi.advanceTimersByTime(ms);
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('VerifyKey', () => {
  it('asks once for all who come at the same time', async () => {
    const session = new FakeSession();
    const verify = session.verifier();
    const owners = await Promise.all([
      verify.execute(verify.present('k'), 'r'),
      verify.execute(verify.present('k'), 'r'),
      verify.execute(verify.present('k'), 'r'),
    ]);

    expect(owners).toEqual([1, 2, 3].map(() => ({ keyId: 'key_1', tenant: 'acme', scopes: [] })));
    expect(session.call).toHaveBeenCalledTimes(1);
    expect(verify.known(verify.present('k'))).toMatchObject({ tenant: 'acme' });
  });

  it('never shows a key to the session', async () => {
    const session = new FakeSession();
    const verify = session.verifier();
    await verify.execute(verify.present('sk-trivium-secret'), 'r');

    expect(JSON.stringify(session.call.mock.calls)).not.toContain('secret');
  });

  it('believes an old answer while nobody can be asked, for a while without asking again', async () => {
    const session = new FakeSession();
    const verify = session.verifier();
    await verify.execute(verify.present('k'), 'r');
    pass(30);
    session.call.mockRejectedValue(away());

    expect(await verify.execute(verify.present('k'), 'r')).toMatchObject({ tenant: 'acme' });
    pass(30);
    expect(await verify.execute(verify.present('k'), 'r')).toMatchObject({ tenant: 'acme' });
    expect(session.call).toHaveBeenCalledTimes(2);
  });

  it('believes no answer that is too old', async () => {
    const session = new FakeSession();
    const verify = session.verifier({ staleMs: 1 });
    await verify.execute(verify.present('k'), 'r');
    pass(30);
    session.call.mockRejectedValue(away());

    await expect(verify.execute(verify.present('k'), 'r')).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('remembers a refusal for a moment, and forgets the key', async () => {
    const session = new FakeSession();
    const verify = session.verifier();
    await verify.execute(verify.present('k'), 'r');
    pass(30);
    session.call.mockRejectedValue(new DomainError('invalid_api_key', 'revoked'));

    await expect(verify.execute(verify.present('k'), 'r')).rejects.toMatchObject({ code: 'invalid_api_key' });
    await expect(verify.execute(verify.present('k'), 'r')).rejects.toMatchObject({ code: 'invalid_api_key' });
    expect(session.call).toHaveBeenCalledTimes(2);
    expect(verify.known(verify.present('k'))).toBeUndefined();
  });

  it('needs nobody for the key of the environment', () => {
    const session = new FakeSession();
    const verify = session.verifier({ localKey: 'sk-local' });

    expect(verify.known(verify.present('sk-local'))).toMatchObject({ tenant: 'default', scopes: ['admin'] });
    expect(verify.known(verify.present('sk-locaL'))).toBeUndefined();
    expect(session.call).not.toHaveBeenCalled();
  });
});
