import { DomainError } from '@trivium/contracts';

/** What the input did to the work, or `aborted` by the caller. A failure to start is none of these. */
export type IsolationFailureReason = 'timed-out' | 'out-of-memory' | 'crashed' | 'aborted';

/** Why isolated work gave no answer; the caller turns it into words about its own input. */
export class IsolationFailure extends Error {
  override readonly name = 'IsolationFailure';

  constructor(
    readonly reason: IsolationFailureReason,
    cause?: unknown,
  ) {
    super(`Isolated work ${reason}`, cause === undefined ? undefined : { cause });
  }
}

/** What an abandoned caller is told: its own reason where it gave one. */
export function cancellation(work: string, failure: IsolationFailure): DomainError {
  if (DomainError.is(failure.cause)) return failure.cause;
  return new DomainError('cancelled', `${work} was cancelled.`, { cause: failure });
}
