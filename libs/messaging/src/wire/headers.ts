import type { Msg } from '@nats-io/nats-core';
import { MsgHdrsImpl, type MsgImpl } from '@nats-io/nats-core/internal';
import type { Priority } from '../messaging.js';

/** What travels beside a request. Time is what remains, never a clock reading: clocks of two machines differ. */
export interface RequestHeaders {
  readonly remainingMs: number;
  readonly requestId: string;
  readonly tenant: string;
  readonly priority: Priority;
  /** Streams: parts granted before the first credit. */
  readonly window: number;
  /** W3C trace context: `traceparent`, `tracestate`, `baggage`. */
  readonly trace: Readonly<Record<string, string>> | undefined;
}

const VERSION = 'NATS/1.0\r\n';
const END = '\r\n';

/**
 * Headers encoded once by us: the client's own class spends more time on a header than the whole
 * rest of a call takes.
 */
class EncodedHeaders extends MsgHdrsImpl {
  readonly #bytes: Uint8Array;

  constructor(lines: string) {
    super();
    this.#bytes = Buffer.from(VERSION + lines + END, 'latin1');
  }

  get byteLength(): number {
    return this.#bytes.length;
  }

  override encode(): Uint8Array {
    return this.#bytes;
  }
}
export type { EncodedHeaders };

/** Printable ASCII without `%`, which marks what had to be escaped. */
const PLAIN = /^[!-$&-~]*$/;

function escape(value: string): string {
  return PLAIN.test(value) ? value : encodeURIComponent(value);
}

function unescape(value: string): string {
  if (!value.includes('%')) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** Defaults are left out. */
export function encodeRequestHeaders(headers: RequestHeaders): EncodedHeaders {
  let lines = `remaining-ms: ${Math.floor(headers.remainingMs)}\r\nrequest-id: ${escape(headers.requestId)}\r\n`;
  if (headers.tenant !== '') lines += `tenant: ${escape(headers.tenant)}\r\n`;
  if (headers.priority === 'batch') lines += 'priority: batch\r\n';
  if (headers.window > 0) lines += `window: ${headers.window}\r\n`;
  if (headers.trace !== undefined) {
    for (const name in headers.trace) lines += `${name}: ${traceValue(headers.trace[name] ?? '')}\r\n`;
  }
  return new EncodedHeaders(lines);
}

/** The propagators write ASCII; anything else would break the header block. */
function traceValue(value: string): string {
  return value.replace(/[^ -~]/g, '');
}

/** Marks a reply whose body is an error. */
export const ERROR_REPLY: EncodedHeaders = new EncodedHeaders('error: 1\r\n');

export function encodeEventHeaders(
  tenant: string,
  trace: Readonly<Record<string, string>> | undefined,
): [string, string][] {
  const headers: [string, string][] = tenant === '' ? [] : [['tenant', escape(tenant)]];
  for (const name in trace) headers.push([name, traceValue(trace[name] ?? '')]);
  return headers;
}

export function decodeTenant(value: string): string {
  return unescape(value);
}

const TRACE_HEADERS: ReadonlySet<string> = new Set(['traceparent', 'tracestate', 'baggage']);

export function decodeRequestHeaders(message: Msg): RequestHeaders {
  const { _msg: frame, _rdata: bytes } = message as MsgImpl;
  let remainingMs = 0;
  let requestId = '';
  let tenant = '';
  let priority: Priority = 'interactive';
  let window = 0;
  let trace: Record<string, string> | undefined;
  const text = frame.hdr > 0 ? latin1(bytes, frame.hdr) : '';
  let start = text.indexOf(END) + END.length;
  for (let end = text.indexOf(END, start); end > start; end = text.indexOf(END, start)) {
    const colon = text.indexOf(':', start);
    const name = text.slice(start, colon);
    const value = text.slice(colon + 1, end).trim();
    start = end + END.length;
    if (name === 'remaining-ms') remainingMs = Number(value) || 0;
    else if (name === 'request-id') requestId = unescape(value);
    else if (name === 'tenant') tenant = unescape(value);
    else if (name === 'priority') priority = value === 'batch' ? 'batch' : 'interactive';
    else if (name === 'window') window = Number(value) || 0;
    else if (TRACE_HEADERS.has(name)) (trace ??= {})[name] = value;
  }
  return { remainingMs, requestId, tenant, priority, window, trace };
}

function latin1(bytes: Uint8Array, end = bytes.length): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, end).toString('latin1');
}

/** Subject to answer to, empty when the sender wants no answer. */
export function replySubject(message: Msg): string {
  const reply = (message as MsgImpl)._msg.reply;
  return reply === undefined ? '' : latin1(reply);
}

export function hasHeaders(message: Msg): boolean {
  return (message as MsgImpl)._msg.hdr > 0;
}

/** Sent by the server at once when nobody listens on the subject of a message that wants an answer. */
export function isNoResponders(message: Msg): boolean {
  return hasHeaders(message) && message.data.length === 0 && message.headers?.code === 503;
}

/** The decimal that ends a subject; NaN when it does not end in one. */
export function trailingNumber(message: Msg, from: number): number {
  const subject = (message as MsgImpl)._msg.subject;
  let value = subject.length > from ? 0 : Number.NaN;
  for (let index = from; index < subject.length; index++) {
    const digit = (subject[index] ?? 0) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}
