import { DomainError, type EventContract, type PayloadOf } from '@trivium/contracts';
import { turnAppended } from '@trivium/contracts/session';
import type { Messaging } from '@trivium/messaging';

export interface OutboxRow {
  readonly id: string;
  readonly tenant: string;
  readonly subject: string;
  readonly payload: unknown;
  readonly attempts: number;
}

/** `away`: the transport is not there, which is no fault of the event. `refused`: this event did not go. */
export type Delivery = 'delivered' | 'away' | 'refused';

const EVENTS = new Map<string, EventContract>([[turnAppended.subject, turnAppended]]);

const PUBLISH_WITHIN_MS = 3_000;

/** Events in the order of their rows over one connection, each under an id that makes a repeat harmless. */
export function deliver(
  messaging: Messaging,
  rows: readonly OutboxRow[],
  onRefused: (row: OutboxRow, error: unknown) => void,
): Promise<Delivery[]> {
  return Promise.all(
    rows.map(async (row): Promise<Delivery> => {
      try {
        await within(PUBLISH_WITHIN_MS, publish(messaging, row));
        return 'delivered';
      } catch (error) {
        if (!messaging.isConnected() || isPassing(error)) return 'away';
        onRefused(row, error);
        return 'refused';
      }
    }),
  );
}

/** Seconds until an event that was refused is tried again. */
export function postponeSeconds(attempts: number): number {
  return Math.min(300, 2 ** Math.min(attempts, 16));
}

async function publish(messaging: Messaging, row: OutboxRow): Promise<void> {
  const contract = EVENTS.get(row.subject);
  if (contract === undefined) throw new Error(`No event is published as ${row.subject}`);
  await messaging.publish(contract, row.payload as PayloadOf<EventContract>, {
    messageId: row.id,
    tenant: row.tenant,
  });
}

function isPassing(error: unknown): boolean {
  return DomainError.is(error) && error.retryable;
}

/** The transaction that holds the rows may not wait for a transport that has fallen silent. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new DomainError('unavailable', 'The event was not acknowledged in time'));
    }, ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
