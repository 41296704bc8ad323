import { describe, expect, it } from 'vitest';
import { decodeDataUrl } from './data-url.js';

const encode = (bytes: Uint8Array, type = 'image/png') =>
  `data:${type};base64,${Buffer.from(bytes).toString('base64')}`;

describe('decodeDataUrl', () => {
  it.each([0, 1, 2, 3, 4, 5, 1_000])('gives back %i bytes as they were', async (size) => {
    const bytes = Buffer.from(Array.from({ length: size }, (_, index) => index % 256));

    expect(await decodeDataUrl(encode(bytes), 'p')).toEqual({ mediaType: 'image/png', bytes });
  });

  it('lets others work while it decodes a large body', async () => {
    const bytes = Buffer.alloc(20 * 1024 * 1024, 7);
    const url = encode(bytes);
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 0);
    const decoded = await decodeDataUrl(url, 'p');
    clearInterval(timer);

    expect(Buffer.compare(decoded.bytes, bytes)).toBe(0);
    expect(turns).toBeGreaterThan(1);
  });

  it('keeps parameters out of the media type', async () => {
    expect(await decodeDataUrl('data:text/plain;charset=utf-8;base64,aGk=', 'p')).toMatchObject({
      mediaType: 'text/plain',
    });
  });

  it.each([
    'data:image/png,plain',
    'data:image/png;base64,iVBO*AAA',
    'data:image/png;base64,iVBOR',
    'data:;;base64,',
    'hello',
  ])('refuses %s', async (url) => {
    await expect(decodeDataUrl(url, 'messages[0]')).rejects.toMatchObject({
      code: 'invalid_request',
      param: 'messages[0]',
    });
  });
});
