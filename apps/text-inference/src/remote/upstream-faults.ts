import { DomainError } from '@trivium/contracts';
import { errors } from 'undici';
import { z } from 'zod';
import { PARAMETERS } from '../catalogue/models-file.js';

export const RETRY_AFTER_MS = 2_000;
const MAX_RETRY_AFTER_MS = 3_600_000;

const Body = z.object({
  error: z.union([
    z.string(),
    z.object({
      code: z.union([z.string(), z.number()]).nullish(),
      type: z.string().nullish(),
      param: z.string().nullish(),
      message: z.string().nullish(),
    }),
  ]),
});

export interface UpstreamAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The first kilobytes. It is searched for known marks and never passed on. */
  readonly body: string;
}

/** The answer of an upstream that refused, in our own words and codes. */
export function faultOf({ status, headers, body }: UpstreamAnswer): DomainError {
  const retryAfterMs = retryAfter(headers);
  switch (true) {
    case status === 401 || status === 403:
      return new DomainError(
        'upstream_error',
        'The upstream refused the credentials configured for this model.',
        {
          retryable: false,
        },
      );
    case status === 404:
      return new DomainError('model_not_found', 'The upstream does not know the model configured here.', {
        param: 'model',
      });
    case status === 429:
      return new DomainError('rate_limit_exceeded', 'The upstream limits the rate of requests.', {
        retryAfterMs: retryAfterMs ?? RETRY_AFTER_MS,
      });
    case status === 408 || status === 502 || status === 503 || status === 504 || status === 529:
      return new DomainError('unavailable', 'The upstream of this model is not available.', {
        retryAfterMs: retryAfterMs ?? RETRY_AFTER_MS,
      });
    case status >= 500:
      return new DomainError('upstream_error', `The upstream of this model failed (HTTP ${status}).`, {
        retryAfterMs: retryAfterMs ?? RETRY_AFTER_MS,
      });
    case status >= 400:
      return refusal(status, body);
    default:
      return new DomainError('upstream_error', `The upstream answered with an unexpected HTTP ${status}.`, {
        retryable: false,
      });
  }
}

/** Fields that go upstream under another name than the parameter they belong to. */
const ALIASES: Readonly<Record<string, string>> = {
  max_completion_tokens: 'max_tokens',
  top_logprobs: 'logprobs',
};

function refusal(status: number, body: string): DomainError {
  const error = errorIn(body);
  const said = `${error.code ?? ''} ${error.type ?? ''} ${error.message ?? ''}`;
  if (
    status === 413 ||
    /context_length|context.{0,20}(length|window|size)|maximum context|too many tokens|exceed_context/i.test(
      said,
    )
  ) {
    return new DomainError('context_length_exceeded', 'The conversation is longer than the model can take.', {
      param: 'messages',
    });
  }
  const param = PARAMETERS.find((name) => name === (ALIASES[error.param ?? ''] ?? error.param));
  if (param !== undefined && /unsupported|unknown|unrecognized/i.test(said)) {
    return new DomainError('unsupported_parameter', `The model does not support the parameter ${param}.`, {
      param,
    });
  }
  return new DomainError('invalid_request', `The upstream refused the request (HTTP ${status}).`, { param });
}

interface UpstreamError {
  code?: string | number | null | undefined;
  type?: string | null | undefined;
  param?: string | null | undefined;
  message?: string | null | undefined;
}

function errorIn(body: string): UpstreamError {
  try {
    const parsed = Body.safeParse(JSON.parse(body));
    if (!parsed.success) return {};
    return typeof parsed.data.error === 'string' ? { message: parsed.data.error } : parsed.data.error;
  } catch {
    return {};
  }
}

/** Milliseconds from `retry-after-ms` or `retry-after` (seconds or a date), within reason. */
export function retryAfter(headers: UpstreamAnswer['headers'], now = Date.now()): number | undefined {
  const exact = Number(headers['retry-after-ms'] ?? Number.NaN);
  if (Number.isFinite(exact)) return clamp(exact);
  const value = headers['retry-after'];
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return clamp(seconds * 1000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : clamp(date - now);
}

function clamp(milliseconds: number): number {
  return Math.min(Math.max(Math.ceil(milliseconds), 0), MAX_RETRY_AFTER_MS);
}

/** A connection that failed: before the first token another placement may do, after it the answer is broken. */
export function connectionFault(cause: unknown, started: boolean): DomainError {
  if (cause instanceof errors.ConnectTimeoutError) {
    return new DomainError(
      'deadline_exceeded',
      'The upstream of this model did not accept a connection in time.',
      {
        retryAfterMs: RETRY_AFTER_MS,
        cause,
      },
    );
  }
  if (started) {
    return new DomainError('upstream_error', 'The upstream broke off in the middle of its answer.', {
      cause,
    });
  }
  return new DomainError('unavailable', 'The upstream of this model cannot be reached.', {
    retryAfterMs: RETRY_AFTER_MS,
    cause,
  });
}
