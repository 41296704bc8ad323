import { DomainError } from '@trivium/contracts';
import type { z } from 'zod';
import { inputFault } from '../errors/input-fault.js';

/** JSON that came as bytes, whatever its content type said, checked. An empty body is none. */
export function readJson<Schema extends z.ZodType>(schema: Schema, bytes: Uint8Array): z.output<Schema> {
  const value = bytes.byteLength === 0 ? undefined : parse(bytes);
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw inputFault(result.error, value);
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new DomainError('invalid_request', 'The body is not valid JSON in UTF-8.', { cause: error });
  }
}
