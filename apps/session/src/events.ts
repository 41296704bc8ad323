import type { ErrorCode } from '@trivium/contracts';
import { metrics, type ObservableResult } from '@opentelemetry/api';

const meter = metrics.getMeter('trivium.session');

const appended = meter.createCounter<{ to: 'conversation' | 'response' }>('session.items.appended', {
  description: 'Items acknowledged',
});
const conflicts = meter.createCounter('session.append.conflicts', {
  description: 'Appends refused because the head had moved',
});
const failures = meter.createCounter<{ code: ErrorCode }>('session.database.failures', {
  description: 'Statements and transactions that failed, by what the caller was told',
});
const delivered = meter.createCounter('session.outbox.delivered', {
  description: 'Events that JetStream acknowledged',
});
const postponed = meter.createCounter('session.outbox.postponed', {
  description: 'Attempts to deliver an event that failed; it is tried again',
});
const waiting = meter.createGauge('session.outbox.waiting', { description: 'Events not delivered yet' });
const lag = meter.createGauge('session.outbox.lag', {
  unit: 's',
  description: 'Age of the oldest event not delivered yet',
});
const storedBytes = meter.createCounter('session.files.stored', { unit: 'By' });
const expired = meter.createCounter('session.files.expired');
const connections = meter.createObservableGauge<{ 'db.client.connection.state': 'idle' | 'used' }>(
  'db.client.connection.count',
  { description: 'Connections to PostgreSQL' },
);
const pending = meter.createObservableGauge('db.client.connection.pending_requests', {
  description: 'Callers that wait for a connection',
});

export function itemsAppended(count: number, to: 'conversation' | 'response'): void {
  appended.add(count, { to });
}

export function appendConflicted(): void {
  conflicts.add(1);
}

export function databaseFailed(code: ErrorCode): void {
  failures.add(1, { code });
}

export function outboxRelayed(counts: { delivered: number; postponed: number }): void {
  if (counts.delivered > 0) delivered.add(counts.delivered);
  if (counts.postponed > 0) postponed.add(counts.postponed);
}

export function outboxMeasured(state: { waiting: number; lagSeconds: number }): void {
  waiting.record(state.waiting);
  lag.record(state.lagSeconds);
}

export function fileStored(size: number): void {
  storedBytes.add(size);
}

export function filesExpired(count: number): void {
  expired.add(count);
}

interface PoolCounts {
  readonly totalCount: number;
  readonly idleCount: number;
  readonly waitingCount: number;
}

/** Reads the pool whenever metrics are collected. */
export function observePool(read: () => PoolCounts | undefined): void {
  connections.addCallback((result) => {
    const counts = read();
    if (counts === undefined) return;
    result.observe(counts.idleCount, { 'db.client.connection.state': 'idle' });
    result.observe(counts.totalCount - counts.idleCount, { 'db.client.connection.state': 'used' });
  });
  pending.addCallback((result: ObservableResult) => {
    const counts = read();
    if (counts !== undefined) result.observe(counts.waitingCount);
  });
}
