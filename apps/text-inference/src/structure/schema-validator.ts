import { randomUUID } from 'node:crypto';
import { DomainError } from '@trivium/contracts';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { JsonGrammar } from './json-grammar.js';
import type { SchemaObject } from './merge-schemas.js';
import { refuseSchema } from './schema-limits.js';
import { withinTime } from './within-time.js';

const MOST_KEPT = 64;
/** For one value, patterns and all. */
const CHECK_MS = 250;
const MOST_MESSAGE = 240;

/** Where a value breaks a schema, and by which rule; holds names of the schema, never words of the value. */
export type Fault = string;

interface Validator {
  /** undefined: the value is valid. */
  check(value: unknown): Fault | undefined;
}

const ajv = new Ajv2020({ strict: false, validateFormats: false, logger: false });
/** Least recently used first; schemas that are refused are not kept. */
const kept = new Map<string, { readonly validator: Validator; readonly schema: SchemaObject }>();

/** The validator of a JSON Schema (2020-12; `$ref` within the schema). Throws `invalid_request` without a param. */
export function validatorOf(schema: SchemaObject): Validator {
  const key = JSON.stringify(schema);
  const known = kept.get(key);
  kept.delete(key);
  const entry = known ?? compile(schema, key);
  kept.set(key, entry);
  for (const [oldest, { schema: old }] of kept) {
    if (kept.size <= MOST_KEPT) break;
    kept.delete(oldest);
    ajv.removeSchema(old);
  }
  return entry.validator;
}

function compile(given: SchemaObject, text: string): { validator: Validator; schema: SchemaObject } {
  refuseSchema(given, text);
  // callers may give different schemas the same id
  const schema = { ...given, $id: `urn:uuid:${randomUUID()}` };
  delete (schema as SchemaObject & { $schema?: unknown }).$schema;
  // a schema that nothing satisfies is found here
  new JsonGrammar().add(schema);
  try {
    const validate = ajv.compile(schema);
    const check = (value: unknown): Fault | undefined => {
      const done = withinTime(CHECK_MS, () => validate(value));
      if (done === undefined) return 'it takes too long to check against the schema';
      return done.result ? undefined : faultOf(validate.errors?.[0], text);
    };
    // @NOTE a schema that refers to itself with nothing in between ends no check
    check(null);
    return { validator: { check }, schema };
  } catch (error) {
    ajv.removeSchema(schema);
    const reason = error instanceof RangeError ? 'it refers to itself without end' : messageOf(error);
    throw new DomainError('invalid_request', `The JSON Schema is not valid: ${reason}.`, { cause: error });
  }
}

function faultOf(error: ErrorObject | undefined, schema: string): Fault {
  const path = (error?.instancePath ?? '')
    .split('/')
    .map((step) => (/^\d{0,6}$/.test(step) || schema.includes(JSON.stringify(step)) ? step : '*'))
    .join('/');
  return `at ${path === '' ? 'the root' : path}: ${(error?.message ?? 'invalid').slice(0, MOST_MESSAGE)}`;
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error))
    .replace(/^schema is invalid: /, '')
    .slice(0, MOST_MESSAGE);
}
