/** Keys whose values never reach a log, at any depth, whatever their spelling (`apiKey`, `api-key`, `API_KEY`). */
const SECRET_KEYS = new Set([
  'authorization',
  'proxyauthorization',
  'cookie',
  'setcookie',
  'apikey',
  'xapikey',
  'key',
  'keys',
  'secret',
  'password',
  'token',
  'credentials',
]);

/** Keys that carry what people wrote, said or photographed. */
const CONTENT_KEYS = new Set([
  'prompt',
  'prompts',
  'messages',
  'content',
  'contents',
  'instructions',
  'completion',
  'transcript',
  'arguments',
  'image',
  'images',
  'audio',
  'bytes',
  'data',
  'body',
  'payload',
]);

const MAX_DEPTH = 6;
const MAX_ITEMS = 50;
const MAX_TEXT = 4_096;
const BEARER = /\b(Bearer|Basic)\s+[\w.~+/=-]{6,}/gi;
const DATA_URL = /\bdata:[\w.+-]+\/[\w.+-]+(?:;[\w=.-]+)*;base64,[A-Za-z0-9+/=_-]*/g;
const URL_PASSWORD = /\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):[^\s/@]+@/gi;

/** A copy of what was logged without secrets, content and bytes; small enough for one line. */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (value instanceof Date) return value;
  if (depth >= MAX_DEPTH) return '[deeper]';
  if (value instanceof Error) return redactError(value, depth);
  if (Array.isArray(value)) {
    const items = value.slice(0, MAX_ITEMS).map((item) => redact(item, depth + 1));
    return value.length > MAX_ITEMS ? [...items, `[${value.length - MAX_ITEMS} more]`] : items;
  }
  return redactRecord(value, depth);
}

/** Masks credentials and embedded files inside running text, where no key announces them. */
export function redactText(text: string): string {
  const short = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}[${text.length - MAX_TEXT} more]` : text;
  return short
    .replace(BEARER, '$1 [redacted]')
    .replace(DATA_URL, '[data url]')
    .replace(URL_PASSWORD, '$1:[redacted]@');
}

function redactRecord(record: object, depth: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(record)) {
    copy[key] = isPrivate(key) ? describe(value) : redact(value, depth + 1);
  }
  return copy;
}

function redactError(error: Error, depth: number): Record<string, unknown> {
  return {
    type: error.name,
    message: redactText(error.message),
    ...(error.stack === undefined ? {} : { stack: redactText(error.stack) }),
    ...redactRecord(error, depth),
    ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
  };
}

function isPrivate(key: string): boolean {
  const plain = key.toLowerCase().replaceAll(/[^a-z]/g, '');
  return SECRET_KEYS.has(plain) || CONTENT_KEYS.has(plain);
}

/** Says that something was there, and how much, without saying what. Counts and flags are no secret. */
function describe(value: unknown): unknown {
  if (value === undefined || value === null || typeof value === 'number' || typeof value === 'boolean')
    return value;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return `[redacted ${value.length} items]`;
  return '[redacted]';
}
