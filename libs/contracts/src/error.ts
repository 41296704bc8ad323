/**
 * Every code that a service may answer with, here or over the wire. Clients program against these,
 * so a code is never renamed; the HTTP status of each is the gateway's affair.
 */
export const ERROR_CODES = [
  'invalid_request',
  'unsupported_parameter',
  'unsupported_media',
  'payload_too_large',
  'context_length_exceeded',
  'invalid_api_key',
  'permission_denied',
  'not_found',
  'model_not_found',
  'conflict',
  'rate_limit_exceeded',
  'overloaded',
  'unavailable',
  'model_not_available',
  'model_loading',
  'upstream_error',
  'invalid_output',
  'deadline_exceeded',
  'cancelled',
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** Whether the same request may succeed when it is simply sent again, unless the error says otherwise. */
const RETRYABLE = {
  invalid_request: false,
  unsupported_parameter: false,
  unsupported_media: false,
  payload_too_large: false,
  context_length_exceeded: false,
  invalid_api_key: false,
  permission_denied: false,
  not_found: false,
  model_not_found: false,
  conflict: true,
  rate_limit_exceeded: true,
  overloaded: true,
  unavailable: true,
  model_not_available: false,
  model_loading: true,
  upstream_error: true,
  invalid_output: true,
  deadline_exceeded: true,
  cancelled: false,
  internal: false,
} as const satisfies Record<ErrorCode, boolean>;

export interface ErrorDetails {
  /** Path of the field that the caller must change, as the caller wrote it: `messages[0].content[1].image_url`. */
  readonly param?: string | undefined;
  readonly retryable?: boolean | undefined;
  /** Milliseconds after which trying again makes sense. */
  readonly retryAfterMs?: number | undefined;
  /** Small facts for programs; never secrets, never user content. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
  /** For logs where the error happened; does not cross the wire. */
  readonly cause?: unknown;
}

const MARK = Symbol.for('trivium.domain-error');

/** An expected failure: the code is for programs, the message for people, the cause for logs. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly [MARK] = true;
  readonly code: ErrorCode;
  readonly param: string | undefined;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.param = details.param;
    this.retryable = details.retryable ?? RETRYABLE[code];
    this.retryAfterMs = details.retryAfterMs;
    this.details = details.details;
  }

  /** Survives two copies of this package in one process, where `instanceof` does not. */
  static is(value: unknown): value is DomainError {
    return typeof value === 'object' && value !== null && MARK in value;
  }
}

/** Narrows a string from the wire; an unknown code is the reader's to treat as `internal`. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && (ERROR_CODES as readonly string[]).includes(value);
}
