import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage } from './decode-image.js';
import { inspectImage } from './inspect-image.js';

const PATH = 'messages[0].content[1].image_url';

const picture = (width = 80, height = 60): Sharp =>
  sharp({
    create: {
      width,
      height,
      channels: 3,
      background: '#000',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  });

const FORMATS = ['png', 'jpeg', 'webp'] as const;

/** A valid PNG container of a few bytes whose header promises any size. */
function pngPromising(width: number, height: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = Buffer.from([0x78, 0x9c, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.byteLength);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}

function crc32(bytes: Buffer): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}

describe.each([
  ['inspectImage', inspectImage],
  ['decodeImage', decodeImage],
])('%s', (_name, read) => {
  it.each(FORMATS)('reads %s with its size', async (format) => {
    const bytes = await picture().toFormat(format).toBuffer();

    expect(await read(bytes, { declaredType: `image/${format}` })).toMatchObject({
      format,
      width: 80,
      height: 60,
    });
  });

  it.each(FORMATS)('refuses a %s that is cut off anywhere, naming the part', async (format) => {
    const bytes = await picture().toFormat(format).toBuffer();

    for (const share of [0.01, 0.3, 0.6, 0.99]) {
      const cut = bytes.subarray(0, Math.ceil(bytes.byteLength * share));
      await expect(read(cut, { path: PATH })).rejects.toMatchObject({
        code: 'unsupported_media',
        param: PATH,
      });
    }
    await expect(read(bytes.subarray(0, -1), { path: PATH })).rejects.toMatchObject({
      code: 'unsupported_media',
    });
  });

  it('refuses a picture whose header promises 50,000 x 50,000 pixels, telling the size', async () => {
    const bomb = pngPromising(50_000, 50_000);

    await expect(read(bomb, { path: PATH })).rejects.toMatchObject({
      code: 'unsupported_media',
      param: PATH,
      message: 'The image is 50000 x 50000 pixels; at most 50000000 pixels and 20000 per side are accepted.',
    });
  });

  it.each([
    ['many pixels within the longest side', 8000, 8000],
    ['a side that is too long', 20_001, 1],
  ])('refuses %s', async (_what, width, height) => {
    await expect(read(pngPromising(width, height))).rejects.toThrow(`${width} x ${height} pixels`);
  });

  it.each([
    [
      'SVG',
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      /svg\+xml; PNG, JPEG and WebP/,
    ],
    ['GIF', Buffer.from('R0lGODlhAQABAIAAAAAAAP///ywAAAAAAQABAAACAUwAOw==', 'base64'), /image\/gif; PNG/],
    ['text', Buffer.from('not a picture'), /not an image of a known format; PNG/],
    ['nothing', Buffer.alloc(0), /empty/],
    ['a PDF', Buffer.from('%PDF-1.7\n'), /application\/pdf; PNG/],
  ])('refuses %s and says what is accepted', async (_what, bytes, message) => {
    const refusal = read(bytes, { path: PATH });

    await expect(refusal).rejects.toMatchObject({ code: 'unsupported_media', param: PATH });
    await expect(refusal).rejects.toThrow(message);
  });

  it('refuses a picture that is not what it was declared to be', async () => {
    const bytes = await picture().jpeg().toBuffer();

    await expect(read(bytes, { declaredType: 'image/png' })).rejects.toThrow(
      'declared as image/png but its bytes are image/jpeg',
    );
  });

  it('refuses an animation', async () => {
    const pixels = Buffer.concat([Buffer.alloc(8 * 8 * 3, 10), Buffer.alloc(8 * 8 * 3, 240)]);
    const frames = sharp(pixels, { raw: { width: 8, height: 16, channels: 3, pageHeight: 8 } });
    const bytes = await frames.webp({ loop: 0, delay: [100, 100] }).toBuffer();

    await expect(read(bytes)).rejects.toThrow('animated (2 frames)');
  });

  it('refuses more bytes than allowed as too large', async () => {
    const bytes = await picture().png().toBuffer();

    await expect(read(bytes, { limits: { maxBytes: 100 } })).rejects.toMatchObject({
      code: 'payload_too_large',
    });
  });

  it('sees the picture as its orientation asks', async () => {
    const bytes = await picture().withMetadata({ orientation: 6 }).jpeg().toBuffer();

    expect(await read(bytes)).toMatchObject({ width: 60, height: 80 });
  });
});

describe('inspectImage', () => {
  it('does not take the end of an embedded thumbnail for the end of the picture', async () => {
    const thumbnail = await picture(16, 16).jpeg().toBuffer();
    const bytes = await picture().jpeg().toBuffer();
    const segment = Buffer.concat([Buffer.from([0xff, 0xe5, 0, 0]), thumbnail]);
    segment.writeUInt16BE(segment.byteLength - 2, 2);
    const whole = Buffer.concat([bytes.subarray(0, 2), segment, bytes.subarray(2)]);

    await expect(inspectImage(whole)).resolves.toMatchObject({ width: 80 });
    await expect(inspectImage(whole.subarray(0, -100))).rejects.toThrow('cut off');
  });
});

describe('decodeImage', () => {
  const solid = (background: string | { r: number; g: number; b: number; alpha: number }): Sharp =>
    sharp({ create: { width: 2, height: 1, channels: typeof background === 'string' ? 3 : 4, background } });

  it.each([
    ['colour', solid('#204060').png(), [0x20, 0x40, 0x60]],
    ['grey', solid('#808080').greyscale().png(), [0x80, 0x80, 0x80]],
    ['16 bits', solid('#ff0000').toColourspace('rgb16').png(), [255, 0, 0]],
    ['nothing but transparency', solid({ r: 0, g: 0, b: 0, alpha: 0 }).png(), [255, 255, 255]],
    [
      '16-bit transparency',
      solid({ r: 0, g: 0, b: 0, alpha: 0 }).toColourspace('rgb16').png(),
      [255, 255, 255],
    ],
    ['grey with transparency', solid({ r: 0, g: 0, b: 0, alpha: 0 }).greyscale().png(), [255, 255, 255]],
  ])('gives three bytes per pixel for %s', async (_what, source, pixel) => {
    const { data, channels } = await decodeImage(await source.toBuffer());

    expect(channels).toBe(3);
    expect([...data]).toEqual([...pixel, ...pixel]);
  });

  it('refuses damage inside the picture', async () => {
    const bytes = await picture().png().toBuffer();
    bytes[bytes.byteLength >> 1] = (bytes[bytes.byteLength >> 1] ?? 0) ^ 0xff;

    await expect(decodeImage(bytes, { path: PATH })).rejects.toThrow('damaged');
  });
});
