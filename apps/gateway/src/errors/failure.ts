import { HttpException } from '@nestjs/common';
import { DomainError, type ErrorCode } from '@trivium/contracts';
import { z } from 'zod';

/** What every refusal and failure looks like to a client. */
export const ErrorBody = z
  .strictObject({
    error: z.strictObject({
      message: z.string(),
      type: z.enum([
        'invalid_request_error',
        'authentication_error',
        'permission_error',
        'not_found_error',
        'rate_limit_error',
        'server_error',
      ]),
      param: z.string().nullable(),
      code: z.string().nullable(),
    }),
  })
  .meta({ id: 'Error' });
export type ErrorBody = z.output<typeof ErrorBody>;
type ErrorType = ErrorBody['error']['type'];

export interface Failure {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ErrorBody;
  /** Small facts beside the error, where a protocol has a place for them. */
  readonly details?: DomainError['details'];
}

const HTTP = {
  invalid_request: { status: 400, type: 'invalid_request_error' },
  unsupported_parameter: { status: 400, type: 'invalid_request_error' },
  unsupported_media: { status: 400, type: 'invalid_request_error' },
  context_length_exceeded: { status: 400, type: 'invalid_request_error' },
  invalid_api_key: { status: 401, type: 'authentication_error' },
  permission_denied: { status: 403, type: 'permission_error' },
  not_found: { status: 404, type: 'not_found_error' },
  model_not_found: { status: 404, type: 'not_found_error' },
  conflict: { status: 409, type: 'invalid_request_error' },
  payload_too_large: { status: 413, type: 'invalid_request_error' },
  invalid_output: { status: 422, type: 'invalid_request_error' },
  rate_limit_exceeded: { status: 429, type: 'rate_limit_error' },
  cancelled: { status: 499, type: 'invalid_request_error' },
  internal: { status: 500, type: 'server_error' },
  upstream_error: { status: 502, type: 'server_error' },
  overloaded: { status: 503, type: 'server_error' },
  unavailable: { status: 503, type: 'server_error' },
  model_not_available: { status: 503, type: 'server_error' },
  model_loading: { status: 503, type: 'server_error' },
  deadline_exceeded: { status: 504, type: 'server_error' },
} as const satisfies Record<ErrorCode, { status: number; type: ErrorType }>;

/** What the HTTP layer itself refuses: a body that is no JSON, too large, of a wrong type, a route that does not exist. */
const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid_request',
  404: 'not_found',
  408: 'deadline_exceeded',
  413: 'payload_too_large',
  414: 'invalid_request',
  415: 'unsupported_media',
  431: 'invalid_request',
};

const DEFAULT_RETRY_MS = 1_000;

/** The answer to a client for whatever was thrown; what is not meant for clients becomes one generic 500. */
export function toFailure(thrown: unknown, requestId: string): Failure {
  if (DomainError.is(thrown)) return fromDomainError(thrown, requestId);
  const refusal = fromHttpLayer(thrown);
  return refusal ?? fromDomainError(new DomainError('internal', ''), requestId);
}

function fromDomainError(error: DomainError, requestId: string): Failure {
  const { status, type } = HTTP[error.code];
  const message =
    error.code === 'internal'
      ? `Something failed on our side. Give this request id when you report it: ${requestId}`
      : error.message;
  const body = { error: { message, type, param: error.param ?? null, code: error.code } };
  const headers = retryHeaders(status, error);
  return {
    status,
    headers: status === 401 ? { ...headers, 'www-authenticate': 'Bearer' } : headers,
    body,
    details: error.details,
  };
}

/** The official clients retry 408, 409, 429 and every 5xx on their own unless they are told not to. */
function retryHeaders(status: number, error: DomainError): Record<string, string> {
  if (!error.retryable) return { 'x-should-retry': 'false' };
  if (error.retryAfterMs === undefined && status < 429) return {};
  const wait = Math.max(1, Math.ceil(error.retryAfterMs ?? DEFAULT_RETRY_MS));
  return { 'retry-after': String(Math.ceil(wait / 1_000)), 'retry-after-ms': String(wait) };
}

function fromHttpLayer(thrown: unknown): Failure | undefined {
  const status = thrown instanceof HttpException ? thrown.getStatus() : frameworkStatus(thrown);
  if (status === undefined || status >= 500 || !(thrown instanceof Error)) return undefined;
  const code = CODE_OF_STATUS[status === 406 ? 415 : status] ?? 'invalid_request';
  const message = status === 404 ? `${thrown.message}: there is no such route. See /docs.` : thrown.message;
  return {
    status: status === 406 ? 415 : status,
    headers: { 'x-should-retry': 'false' },
    body: { error: { message, type: HTTP[code].type, param: null, code } },
  };
}

/** Errors of Fastify and its plugins carry a code of theirs and the status they mean. */
function frameworkStatus(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || !('statusCode' in thrown) || !('code' in thrown)) return undefined;
  return typeof thrown.statusCode === 'number' && String(thrown.code).startsWith('FST_')
    ? thrown.statusCode
    : undefined;
}
