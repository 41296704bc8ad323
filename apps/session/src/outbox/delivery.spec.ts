import { DomainError } from '@trivium/contracts';
import { turnAppended } from '@trivium/contracts/session';
import type { Messaging } from '@trivium/messaging';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { deliver, type OutboxRow, postponeSeconds } from './delivery.js';

const row = (overrides: Partial<OutboxRow> = {}): OutboxRow => ({
  id: 'evt_1',
  tenant: 'acme',
  subject: turnAppended.subject,
  payload: { messageId: 'evt_1' },
  attempts: 0,
  ...overrides,
});

function fakeMessaging(publish: Messaging['publish'], connected = true): Messaging {
  return { publish, isConnected: () => connected } as unknown as Messaging;
}

afterEach(() => void vi.useRealTimers());

describe('deliver', () => {
  it('publishes under the id of the row, which makes a repeat harmless', async () => {
    const publish = vi.fn<Messaging['publish']>().mockResolvedValue();

    const outcome = await deliver(fakeMessaging(publish), [row()], vi.fn());

    expect(outcome).toEqual(['delivered']);
    expect(publish).toHaveBeenCalledWith(
      turnAppended,
      { messageId: 'evt_1' },
      { messageId: 'evt_1', tenant: 'acme' },
    );
  });

  it('does not blame the event for a transport that is away', async () => {
    const refused = vi.fn();
    const publish = () => Promise.reject(new DomainError('unavailable', 'no JetStream'));

    expect(await deliver(fakeMessaging(publish), [row()], refused)).toEqual(['away']);
    expect(refused).not.toHaveBeenCalled();
  });

  it('goes on past an event that cannot be published', async () => {
    const refused = vi.fn();
    const publish = vi.fn<Messaging['publish']>().mockResolvedValue();

    const outcome = await deliver(
      fakeMessaging(publish),
      [row({ subject: 'session.unknown.v1' }), row({ id: 'evt_2' })],
      refused,
    );

    expect(outcome).toEqual(['refused', 'delivered']);
    expect(refused).toHaveBeenCalledOnce();
  });

  it('gives up waiting for a transport that has fallen silent', async () => {
    vi.useFakeTimers();
    const outcome = deliver(
      fakeMessaging(() => new Promise<never>(() => undefined)),
      [row()],
      vi.fn(),
    );

    await vi.advanceTimersByTimeAsync(3_000);

    expect(await outcome).toEqual(['away']);
  });
});

it('tries a refused event ever less often', () => {
  expect([0, 1, 5, 30].map(postponeSeconds)).toEqual([1, 2, 32, 300]);
});
