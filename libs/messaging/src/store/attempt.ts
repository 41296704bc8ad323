import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import { DomainError } from '@trivium/contracts';

const STORE_FULL = new Set([10077, 10047, 10023, 10028]);
const MESSAGE_TOO_LARGE = 10054;
const WRONG_REVISION = new Set<number>([
  JetStreamApiCodes.StreamWrongLastSequence,
  JetStreamApiCodes.StreamWrongLastSequenceUnknown,
]);

/** Settles with the promise, or rejects as soon as one of the signals is aborted. */
export async function unlessAborted<T>(promise: Promise<T>, ends: readonly AbortSignal[]): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const leave = (): void => {
    const signal = ends.find((end) => end.aborted);
    if (signal !== undefined) reject(abortedBy(signal));
  };
  for (const end of ends) end.addEventListener('abort', leave);
  leave();
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    for (const end of ends) end.removeEventListener('abort', leave);
  }
}

export function abortedBy(signal: AbortSignal): DomainError {
  return DomainError.is(signal.reason)
    ? signal.reason
    : new DomainError('cancelled', 'What was asked of the store is no longer wanted.', {
        cause: signal.reason,
      });
}

/** Of the broker's errors those that a caller can act on; everything else is a store that is away. */
export function storeError(error: unknown): DomainError {
  if (DomainError.is(error)) return error;
  if (error instanceof JetStreamApiError) {
    if (WRONG_REVISION.has(error.code)) {
      return new DomainError('conflict', 'Somebody else changed it in between.', { cause: error });
    }
    if (STORE_FULL.has(error.code)) {
      return new DomainError('overloaded', 'The store is full.', { retryAfterMs: 30_000, cause: error });
    }
    if (error.code === JetStreamApiCodes.NoMessageFound) {
      return new DomainError('not_found', 'It does not exist any more.', { cause: error });
    }
    if (error.code === MESSAGE_TOO_LARGE) {
      return new DomainError('payload_too_large', 'The store takes no value of this size.', { cause: error });
    }
  }
  return new DomainError('unavailable', 'The store cannot be reached.', {
    retryAfterMs: 1_000,
    cause: error,
  });
}
