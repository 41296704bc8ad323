import { DomainError } from '@trivium/contracts';
import type { SchemaObject } from './merge-schemas.js';
import { schemaAt } from './schema-pointer.js';

const MOST_CHARACTERS = 128 * 1024;
const MOST_NESTED = 64;
const MOST_PATTERN = 512;
/** Their values are data of the caller, in which a `$ref` means nothing. */
const DATA = new Set(['const', 'enum', 'default', 'examples', 'example']);
/** They change what a reference means, or make checking asynchronous. */
const REFUSED = [
  '$dynamicRef',
  '$recursiveRef',
  '$anchor',
  '$dynamicAnchor',
  '$recursiveAnchor',
  '$async',
  '$data',
];

/** Refuses, with `invalid_request`, a schema whose size, depth or references are beyond what is worked with. */
export function refuseSchema(schema: SchemaObject, text = JSON.stringify(schema)): void {
  if (text.length > MOST_CHARACTERS) refuse(`it has more than ${MOST_CHARACTERS} characters`);
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value: schema, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value !== 'object' || value === null) continue;
    if (depth > MOST_NESTED) refuse(`it is nested more than ${MOST_NESTED} levels deep`);
    if (!Array.isArray(value)) refuseKeywords(value as SchemaObject, schema, depth);
    for (const [keyword, inner] of Object.entries(value)) {
      if (!DATA.has(keyword)) open.push({ value: inner, depth: depth + 1 });
    }
  }
}

function refuseKeywords(part: SchemaObject, root: SchemaObject, depth: number): void {
  for (const keyword of REFUSED) {
    // @NOTE a property may have such a name; its value is then a schema
    if (typeof part[keyword] === 'string' || part[keyword] === true) refuse(`${keyword} is not supported`);
  }
  if (depth > 0 && typeof part['$id'] === 'string') refuse('$id is supported at the root alone');
  if (typeof part['pattern'] === 'string' && part['pattern'].length > MOST_PATTERN) {
    refuse(`a pattern has more than ${MOST_PATTERN} characters`);
  }
  const reference = part['$ref'];
  if (typeof reference !== 'string') return;
  if (!reference.startsWith('#')) refuse('a $ref leads out of it; only those within the schema are followed');
  if (schemaAt(root, reference) === undefined) refuse('a $ref leads nowhere');
}

function refuse(reason: string): never {
  throw new DomainError('invalid_request', `The JSON Schema cannot be used: ${reason}.`);
}
