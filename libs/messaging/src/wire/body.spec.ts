import { DomainError } from '@trivium/contracts';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { decodeBody, decodeError, describeFault, encodeBody, encodeError } from './body.js';

describe('body', () => {
  it('keeps bytes as bytes and text as text', () => {
    const bytes = Uint8Array.from([0, 255, 128]);

    const decoded = decodeBody(encodeBody({ bytes, text: '发票', list: [1.5, null, true] })) as Record<
      string,
      unknown
    >;

    expect(Buffer.compare(decoded['bytes'] as Uint8Array, bytes)).toBe(0);
    expect(decoded).toMatchObject({ text: '发票', list: [1.5, null, true] });
  });

  it('does not let a peer reach the prototype', () => {
    const decoded = decodeBody(encodeBody(JSON.parse('{"__proto__":{"polluted":true}}')));

    expect((decoded as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('throws on bytes that are no MessagePack', () => {
    expect(() => decodeBody(new Uint8Array())).toThrow();
    expect(() => decodeBody(Uint8Array.from([1, 2, 3]))).toThrow();
  });
});

describe('error', () => {
  it('arrives as it was thrown, without its cause', () => {
    const error = new DomainError('overloaded', 'full', {
      param: 'a[0]',
      retryAfterMs: 10,
      details: { queue: 3 },
      cause: new Error('secret'),
    });

    const decoded = decodeError(encodeError(error));

    expect(decoded).toMatchObject({
      code: 'overloaded',
      message: 'full',
      param: 'a[0]',
      retryable: true,
      retryAfterMs: 10,
      details: { queue: 3 },
    });
    expect(decoded.cause).toBeUndefined();
  });

  it('with a code that is not known here becomes internal', () => {
    expect(decodeError(encodeBody({ code: 'from_the_future', message: 'm' }))).toMatchObject({
      code: 'internal',
    });
  });

  it('that cannot be read becomes internal', () => {
    expect(decodeError(new Uint8Array())).toMatchObject({ code: 'internal' });
    expect(decodeError(encodeBody(null))).toMatchObject({ code: 'internal' });
  });
});

describe('describeFault', () => {
  it('names the field as the caller wrote it', () => {
    const schema = z.object({ messages: z.array(z.object({ content: z.string() })) });
    const { error } = schema.safeParse({ messages: [{ content: 'a' }, { content: 7 }] });

    expect(describeFault(error as z.ZodError)).toMatchObject({ param: 'messages[1].content' });
    expect(describeFault(error as z.ZodError).message).toMatch(/^messages\[1\]\.content: /);
  });

  it('names nothing when the whole is wrong', () => {
    const { error } = z.object({}).safeParse(7);

    expect(describeFault(error as z.ZodError).param).toBeUndefined();
  });
});
