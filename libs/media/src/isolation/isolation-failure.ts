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
