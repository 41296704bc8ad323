import { DomainError } from '@trivium/contracts';

/** SQLSTATEs (whole or by class) after which the same statement may succeed a moment later. */
const PASSING_STATES = [
  '08', // connection exceptions
  '53', // out of connections, memory or disk
  '57P', // shutdown, crash, starting up, database dropped
  '57014', // statement timeout
  '55P03', // lock timeout
  '25P03', // idle in transaction for too long
  '25006', // read-only: a replica, or a primary that was demoted
  '40001', // serialization failure
  '40P01', // deadlock
  '28', // credentials refused: an operator has to act, the caller cannot
  '3D000', // no such database, likewise
];

const REPEATABLE_STATES = ['40001', '40P01'];

/** Text that the database cannot hold: NUL, or half of a surrogate pair. */
const UNSTORABLE_STATES = ['22021', '22P02', '22P05'];

/** Only ids that callers choose can meet one that exists. */
const TAKEN_STATES = ['23505'];

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENOENT',
]);

/** Failures that pg and TypeORM report in words alone. */
const LOST_CONNECTION = [
  /^Connection terminated/i,
  /^Client has encountered a connection error/i,
  /^Client was closed/i,
  /^timeout exceeded when trying to connect/i,
  /^timeout expired/i,
  /^Query read timeout/i,
  /^Cannot use a pool after calling end/i,
  /^Query runner already released/i,
  /^Driver not Connected/i,
];

const RETRY_AFTER_MS = 1_000;

/** What a failed statement means to the caller. Errors that are already the domain's pass through. */
export function translateError(thrown: unknown): DomainError {
  if (DomainError.is(thrown)) return thrown;
  const error = withoutParameters(thrown);
  if (isPassing(error)) return databaseUnavailable(error);
  if (hasState(error, UNSTORABLE_STATES)) {
    return new DomainError(
      'invalid_request',
      'The text holds a character that cannot be stored: NUL or half of a surrogate pair',
      { cause: error },
    );
  }
  if (hasState(error, TAKEN_STATES)) {
    return new DomainError('invalid_request', 'There is an entry with this id already', {
      param: 'id',
      cause: error,
    });
  }
  return new DomainError('internal', 'The statement failed', { cause: error });
}

export function databaseUnavailable(cause?: unknown): DomainError {
  return new DomainError('unavailable', 'The database is not available', {
    retryAfterMs: RETRY_AFTER_MS,
    cause,
  });
}

/** The transaction lost against another one and may simply run again. */
export function isRepeatable(error: unknown): boolean {
  return hasState(error, REPEATABLE_STATES);
}

/** The answer never came: the connection still waits for it and must not be used again. */
export function isReadTimeout(error: unknown): boolean {
  return error instanceof Error && /Query read timeout/.test(error.message);
}

/** TypeORM's error carries the parameters, which are what people wrote; the driver's own does not. */
function withoutParameters(error: unknown): unknown {
  if (typeof error !== 'object' || error === null || !('driverError' in error)) return error;
  return error.driverError;
}

function isPassing(error: unknown): boolean {
  if (hasState(error, PASSING_STATES)) return true;
  if (error instanceof AggregateError && error.errors.some(isPassing)) return true;
  if (!(error instanceof Error)) return false;
  if (NETWORK_CODES.has(codeOf(error) ?? '')) return true;
  return LOST_CONNECTION.some((pattern) => pattern.test(error.message));
}

function hasState(error: unknown, states: readonly string[]): boolean {
  const code = codeOf(error);
  return code?.length === 5 && states.some((state) => code.startsWith(state));
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
