import { DomainError, isErrorCode } from '@trivium/contracts';
// @NOTE without the native string reader of the main entry, which takes longer: eight times for Chinese
import { Packr } from 'msgpackr/pack';
import type { z } from 'zod';

const packr = new Packr({ useRecords: false, moreTypes: false });

export function encodeBody(value: unknown): Uint8Array {
  return packr.pack(value);
}

/** Throws on bytes that are no MessagePack. Binary values are views into `bytes`. */
export function decodeBody(bytes: Uint8Array): unknown {
  return packr.unpack(bytes);
}

/** An error as a value. The cause stays where it happened. */
export function encodeError(error: DomainError): Uint8Array {
  const { code, message, param, retryable, retryAfterMs, details } = error;
  try {
    return packr.pack({ code, message, param, retryable, retryAfterMs, details });
  } catch {
    return packr.pack({ code, message, param, retryable, retryAfterMs });
  }
}

/** A code from a newer peer that this process does not know becomes `internal`. */
export function decodeError(bytes: Uint8Array): DomainError {
  let value: unknown;
  try {
    value = packr.unpack(bytes);
  } catch (cause) {
    return new DomainError('internal', 'The service failed and its error could not be read.', { cause });
  }
  const { code, message, param, retryable, retryAfterMs, details } = (value ?? {}) as Record<string, unknown>;
  return new DomainError(
    isErrorCode(code) ? code : 'internal',
    typeof message === 'string' ? message : 'The service failed without saying why.',
    {
      param: typeof param === 'string' ? param : undefined,
      retryable: typeof retryable === 'boolean' ? retryable : undefined,
      retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : undefined,
      details:
        typeof details === 'object' && details !== null ? (details as Record<string, unknown>) : undefined,
    },
  );
}

/** `['messages', 0, 'content']` as the caller wrote it: `messages[0].content`. */
export function formatPath(path: readonly PropertyKey[]): string {
  let text = '';
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else text += text === '' ? String(key) : `.${String(key)}`;
  }
  return text;
}

/** The first fault is enough for a caller to go on. */
export function describeFault(error: z.ZodError): {
  readonly param: string | undefined;
  readonly message: string;
} {
  const issue = error.issues[0];
  const param = issue === undefined ? '' : formatPath(issue.path);
  const message = issue?.message ?? 'Invalid';
  return {
    param: param === '' ? undefined : param,
    message: param === '' ? message : `${param}: ${message}`,
  };
}
