import { describe, expect, it } from 'vitest';
import { redact, redactText } from './redact.js';

describe('redact', () => {
  it('hides secrets at any depth and in any spelling', () => {
    const logged = redact({
      request: { headers: { Authorization: 'Bearer x', 'x-api-key': 'k', api_key: 'k', host: 'h' } },
    });

    expect(logged).toEqual({
      request: {
        headers: { Authorization: '[redacted]', 'x-api-key': '[redacted]', api_key: '[redacted]', host: 'h' },
      },
    });
  });

  it('hides what people wrote, said and photographed, and keeps how much it was', () => {
    const logged = redact({
      prompt: 'my secret diary',
      messages: [{ role: 'user', content: 'hello' }],
      image: new Uint8Array(12),
      frames: [new Float32Array(2)],
      bytes: 12,
    });

    expect(logged).toEqual({
      prompt: '[redacted]',
      messages: '[redacted 1 items]',
      image: '[12 bytes]',
      frames: ['[8 bytes]'],
      bytes: 12,
    });
  });

  it('hides them inside errors and their causes, and keeps message, stack and code', () => {
    const cause = Object.assign(new Error('upstream said Bearer abcdefgh'), { body: '<html>' });
    const error = Object.assign(new Error('failed', { cause }), { code: 'upstream_error' });

    const logged = redact({ err: error }) as { err: Record<string, unknown> };

    expect(logged.err).toMatchObject({
      type: 'Error',
      message: 'failed',
      code: 'upstream_error',
      cause: { message: 'upstream said Bearer [redacted]', body: '[redacted]' },
    });
    expect(logged.err['stack']).toContain('redact.spec');
  });

  it('survives cycles and long lists', () => {
    const node: Record<string, unknown> = { list: Array.from({ length: 60 }, (_, index) => index) };
    node['self'] = node;

    const text = JSON.stringify(redact(node));

    expect(text).toContain('[10 more]');
    expect(text).toContain('[deeper]');
  });
});

describe('redactText', () => {
  it.each([
    ['asked with Bearer sk-abc.def-123 today', 'asked with Bearer [redacted] today'],
    ['see data:image/png;base64,iVBORw0KGgo= here', 'see [data url] here'],
    ['nats://user:hunter2@host:4222', 'nats://user:[redacted]@host:4222'],
    ['postgres://u:p%40ss@db/trivium', 'postgres://u:[redacted]@db/trivium'],
    ['nothing to hide at http://host:80/path', 'nothing to hide at http://host:80/path'],
  ])('%s', (text, expected) => {
    expect(redactText(text)).toBe(expected);
  });

  it('cuts what no line should hold', () => {
    expect(redactText('x'.repeat(5_000))).toMatch(/^x{4096}\[904 more\]$/);
  });
});
