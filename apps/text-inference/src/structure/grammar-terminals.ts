import { isSchemaObject, type SchemaObject } from './merge-schemas.js';

/** Repetitions that are counted: each is a rule of its own. Longer ones are left to the check of the finished answer. */
const MOST_COUNTED = 256;
const FORMATS: Readonly<Record<string, string>> = {
  date: 'DATE',
  time: 'TIME',
  'date-time': 'DATE "T" TIME',
  uuid: 'hex{8} "-" hex{4} "-" hex{4} "-" hex{4} "-" hex{12}',
};
const DATE = '[0-9]{4} "-" ("0" [1-9] | "1" [0-2]) "-" ("0" [1-9] | "1" [0-9] | "2" [0-8])';
const TIME = '([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9] "Z"';

export function stringExpression(schema: SchemaObject): string | undefined {
  const format = FORMATS[String(schema['format'])];
  const least = countOf(schema['minLength']) ?? 0;
  const most = countOf(schema['maxLength']) ?? Infinity;
  if (least > most) return undefined;
  if (format !== undefined) return `"\\"" ${format.replace('DATE', DATE).replace('TIME', TIME)} "\\""`;
  return least === 0 && most > MOST_COUNTED ? 'string' : `"\\"" char${times(least, most)} "\\""`;
}

/** How often something comes, at least and at most. */
export function times(least: number, most: number): string {
  const from = Math.min(Math.max(0, least), MOST_COUNTED);
  if (most > MOST_COUNTED) return from === 0 ? '*' : `{${from},}`;
  return `{${from},${most}}`;
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
