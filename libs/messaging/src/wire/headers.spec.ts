import { headers, type Msg } from '@nats-io/nats-core';
import { MsgImpl } from '@nats-io/nats-core/internal';
import { describe, expect, it } from 'vitest';
import {
  decodeRequestHeaders,
  encodeRequestHeaders,
  isNoResponders,
  replySubject,
  type RequestHeaders,
  trailingNumber,
} from './headers.js';

/** A message as the client makes it from what came over the wire. */
function message(
  head: Uint8Array,
  options: { subject?: string; reply?: string; body?: Uint8Array } = {},
): Msg {
  const body = options.body ?? new Uint8Array();
  const bytes = Buffer.concat([head, body]);
  const encode = (text: string) => new TextEncoder().encode(text);
  const frame = {
    subject: encode(options.subject ?? 'a.b'),
    ...(options.reply === undefined ? {} : { reply: encode(options.reply) }),
    sid: 1,
    hdr: head.length > 0 ? head.length : -1,
    size: bytes.length,
  };
  return new MsgImpl(frame as MsgImpl['_msg'], bytes, { publish: () => undefined }) as Msg;
}

const request = (overrides: Partial<RequestHeaders> = {}): RequestHeaders => ({
  remainingMs: 1_500,
  requestId: 'r1',
  tenant: '',
  priority: 'interactive',
  window: 0,
  trace: undefined,
  ...overrides,
});

describe('request headers', () => {
  it.each([
    request(),
    request({ tenant: 't', priority: 'batch', window: 32 }),
    request({ tenant: '租户 50%', requestId: 'a b\r\nremaining-ms: 9' }),
    request({
      trace: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate: 'a=b' },
    }),
  ])('arrive as they were sent: %o', (sent) => {
    expect(decodeRequestHeaders(message(encodeRequestHeaders(sent).encode()))).toEqual(sent);
  });

  it('are a header block that the client library reads too', () => {
    const read = message(encodeRequestHeaders(request({ tenant: 't' })).encode()).headers;

    expect(read?.get('remaining-ms')).toBe('1500');
    expect(read?.get('tenant')).toBe('t');
  });

  it('may be written by the client library', () => {
    const written = headers();
    written.set('remaining-ms', '20');
    written.set('request-id', 'other');

    const head = Buffer.from(`NATS/1.0\r\nremaining-ms: 20\r\nrequest-id:other\r\n\r\n`);
    expect(decodeRequestHeaders(message(head))).toMatchObject({ remainingMs: 20, requestId: 'other' });
  });

  it('that are absent leave no time at all', () => {
    expect(decodeRequestHeaders(message(new Uint8Array())).remainingMs).toBe(0);
  });
});

describe('message parts', () => {
  it('tell that nobody answers a subject', () => {
    expect(isNoResponders(message(Buffer.from('NATS/1.0 503\r\n\r\n')))).toBe(true);
    expect(
      isNoResponders(message(Buffer.from('NATS/1.0\r\nerror: 1\r\n\r\n'), { body: Buffer.from([1]) })),
    ).toBe(false);
    expect(isNoResponders(message(new Uint8Array(), { body: Buffer.from([1]) }))).toBe(false);
  });

  it('give the reply subject, empty without one', () => {
    expect(replySubject(message(new Uint8Array(), { reply: '_INBOX.x.7' }))).toBe('_INBOX.x.7');
    expect(replySubject(message(new Uint8Array()))).toBe('');
  });

  it('give the number that ends a subject', () => {
    expect(trailingNumber(message(new Uint8Array(), { subject: '_INBOX.x.120' }), 9)).toBe(120);
    expect(trailingNumber(message(new Uint8Array(), { subject: '_INBOX.x.1a' }), 9)).toBeNaN();
    expect(trailingNumber(message(new Uint8Array(), { subject: '_INBOX.x.' }), 9)).toBeNaN();
  });
});
