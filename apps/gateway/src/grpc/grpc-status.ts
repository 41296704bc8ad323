import { Metadata, status } from '@grpc/grpc-js';
import { DomainError, type ErrorCode } from '@trivium/contracts';

const STATUS = {
  invalid_request: status.INVALID_ARGUMENT,
  unsupported_parameter: status.INVALID_ARGUMENT,
  unsupported_media: status.INVALID_ARGUMENT,
  context_length_exceeded: status.INVALID_ARGUMENT,
  payload_too_large: status.RESOURCE_EXHAUSTED,
  invalid_api_key: status.UNAUTHENTICATED,
  permission_denied: status.PERMISSION_DENIED,
  not_found: status.NOT_FOUND,
  model_not_found: status.NOT_FOUND,
  conflict: status.ABORTED,
  rate_limit_exceeded: status.RESOURCE_EXHAUSTED,
  overloaded: status.RESOURCE_EXHAUSTED,
  unavailable: status.UNAVAILABLE,
  model_not_available: status.FAILED_PRECONDITION,
  model_loading: status.UNAVAILABLE,
  upstream_error: status.UNAVAILABLE,
  invalid_output: status.FAILED_PRECONDITION,
  deadline_exceeded: status.DEADLINE_EXCEEDED,
  cancelled: status.CANCELLED,
  internal: status.INTERNAL,
} as const satisfies Record<ErrorCode, status>;

export interface GrpcFailure {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;
}

/** The answer to a client for whatever was thrown. `error-code` is the code that /v1 answers with. */
export function grpcFailure(thrown: unknown, requestId: string): GrpcFailure {
  const error = DomainError.is(thrown) ? thrown : new DomainError('internal', '');
  const metadata = new Metadata();
  metadata.set('x-request-id', requestId);
  metadata.set('error-code', error.code);
  if (error.retryable) metadata.set('retry-after-ms', String(Math.ceil(error.retryAfterMs ?? 1_000)));
  if (error.details?.['loading'] !== undefined) {
    metadata.set('loading', JSON.stringify(error.details['loading']));
  }
  return { code: STATUS[error.code], details: sentence(error, requestId), metadata };
}

function sentence({ code, message, param }: DomainError, requestId: string): string {
  if (code === 'internal') {
    return `Something failed on our side. Give this request id when you report it: ${requestId}`;
  }
  return param === undefined || message.includes(param) ? message : `'${param}': ${message}`;
}
