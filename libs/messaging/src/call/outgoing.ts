import { DomainError } from '@trivium/contracts';
import type { CallOptions, Priority } from '../messaging.js';

const DEFAULT_DEADLINE_MS = 30_000;
const LONGEST_DEADLINE_MS = 24 * 60 * 60 * 1_000;

/** A request on its way out: what it inherits and what bounds it. */
export interface Outgoing {
  readonly tenant: string;
  readonly requestId: string;
  readonly priority: Priority;
  readonly startedAt: number;
  readonly remainingMs: number;
  readonly signals: readonly AbortSignal[];
}

const prefix = Math.random().toString(36).slice(2, 10);
let counter = 0;

function newRequestId(): string {
  return `${prefix}-${(++counter).toString(36)}`;
}

/** Throws a `DomainError` when there is nothing to wait for any more. */
export function outgoing(options: CallOptions): Outgoing {
  const { context } = options;
  const own = Math.min(options.deadline ?? DEFAULT_DEADLINE_MS, LONGEST_DEADLINE_MS);
  const remainingMs = context === undefined ? own : Math.min(own, context.remaining());
  if (!(remainingMs >= 1)) throw deadlineExceeded();
  const signals = signalsOf(options);
  for (const signal of signals) if (signal.aborted) throw cancelled(signal);
  return {
    tenant: options.tenant ?? context?.tenant ?? '',
    requestId: options.requestId ?? context?.requestId ?? newRequestId(),
    priority: options.priority ?? context?.priority ?? 'interactive',
    startedAt: performance.now(),
    remainingMs,
    signals,
  };
}

const NONE: readonly AbortSignal[] = [];

function signalsOf({ context, signal }: CallOptions): readonly AbortSignal[] {
  if (context === undefined) return signal === undefined ? NONE : [signal];
  return signal === undefined || signal === context.signal ? [context.signal] : [context.signal, signal];
}

export function deadlineExceeded(): DomainError {
  return new DomainError('deadline_exceeded', 'The deadline passed before the answer came.');
}

/** A `DomainError` that was given as the reason tells more than `cancelled` does. */
export function cancelled(signal: AbortSignal): DomainError {
  return DomainError.is(signal.reason)
    ? signal.reason
    : new DomainError('cancelled', 'The caller no longer wants the answer.', { cause: signal.reason });
}

export function noResponders(subject: string): DomainError {
  return new DomainError('unavailable', `No service answers ${subject} at the moment.`, {
    retryAfterMs: 1_000,
  });
}

export function tooLarge(what: string, size: number, limit: number): DomainError {
  return new DomainError(
    'payload_too_large',
    `${what} of ${size} bytes exceeds the message limit of ${limit} bytes.`,
    {
      details: { size, limit },
    },
  );
}

/** Where every process of a service hears that a request is no longer wanted; the body is the reply subject. */
export function cancelSubject(owner: string): string {
  return `${owner}.cancel-request.v1`;
}
