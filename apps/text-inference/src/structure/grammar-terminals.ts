import { isSchemaObject, type SchemaObject } from './merge-schemas.js';
import type { Repetitions } from './repetitions.js';

const FORMATS: Readonly<Record<string, string>> = {
  date: 'DATE',
  time: 'TIME',
  'date-time': 'DATE "T" TIME',
  uuid: 'hex{8} "-" hex{4} "-" hex{4} "-" hex{4} "-" hex{12}',
};
const DATE = '[0-9]{4} "-" ("0" [1-9] | "1" [0-2]) "-" ("0" [1-9] | "1" [0-9] | "2" [0-8])';
const TIME = '([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9] "Z"';

/** Strings of a length or format; undefined: there is none. */
export function stringExpression(schema: SchemaObject, repetitions: Repetitions): string | undefined {
  const format = FORMATS[String(schema['format'])];
  const least = countOf(schema['minLength']) ?? 0;
  const most = countOf(schema['maxLength']) ?? Infinity;
  if (least > most) return undefined;
  if (format !== undefined) return `"\\"" ${format.replace('DATE', DATE).replace('TIME', TIME)} "\\""`;
  if (least === 0 && most === Infinity) return 'string';
  return `"\\"" ${repetitions.of('char', least, most)} "\\""`;
}

/** Exactly this value, with white space where JSON has it. */
export function literal(value: unknown): string {
  if (Array.isArray(value)) return ['"[" ws', value.map(literal).join(' ws "," ws '), 'ws "]"'].join(' ');
  if (isSchemaObject(value)) {
    const members = Object.entries(value).map(
      ([key, member]) => `${literal(key)} ws ":" ws ${literal(member)}`,
    );
    return ['"{" ws', members.join(' ws "," ws '), 'ws "}"'].join(' ');
  }
  return quoted(JSON.stringify(value));
}

/** Text as a terminal of the grammar. */
export function quoted(text: string): string {
  const escaped = text.replace(/["\\]/g, '\\$&').replace(/\p{Cc}/gu, (char) => codePoint(char));
  return `"${escaped}"`;
}

export function classChar(char: string): string {
  return /^[\p{L}\p{N}_]$/u.test(char) ? char : codePoint(char);
}

function codePoint(char: string): string {
  return `\\U${(char.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`;
}

export function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;
}
