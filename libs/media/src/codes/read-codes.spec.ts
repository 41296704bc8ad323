import { encodeQR } from 'qr';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { readCodes } from './read-codes.js';

/** A QR code on a white page, `scale` pixels for each module. */
async function page(text: string, { scale = 4, width = 600, height = 400, left = 100, top = 50 } = {}) {
  const bordered = encodeQR(text, 'raw', { border: 1, ecc: 'medium' });
  const modules = bordered.slice(1, -1).map((row) => row.slice(1, -1));
  const side = modules.length * scale;
  const ink = Buffer.alloc(side * side, 255);
  modules.forEach((row, y) => {
    row.forEach((dark, x) => {
      for (let line = 0; dark && line < scale; line += 1) {
        ink.fill(0, (y * scale + line) * side + x * scale, (y * scale + line) * side + (x + 1) * scale);
      }
    });
  });
  const code = await sharp(ink, { raw: { width: side, height: side, channels: 1 } })
    .png()
    .toBuffer();
  const picture = sharp({ create: { width, height, channels: 3, background: '#ffffff' } });
  return { picture: picture.composite([{ input: code, left, top }]), side };
}

const TEXT = '01,32,,23422100000709286443,1234.50,20241126,,6A1F';

describe('readCodes', () => {
  it('reads a QR code and says where it stands', async () => {
    const { picture, side } = await page(TEXT);

    const [code, ...others] = await readCodes(await picture.png().toBuffer());

    expect(others).toEqual([]);
    expect(code).toMatchObject({ format: 'qrcode', text: TEXT });
    const [[left, top], , [right, bottom]] = code?.quadrilateral ?? [[0, 0], 0, [0, 0]];
    expect(Math.abs(left - 100) + Math.abs(top - 50)).toBeLessThan(8);
    expect(Math.abs(right - 100 - side) + Math.abs(bottom - 50 - side)).toBeLessThan(8);
  });

  it('places it in the picture as given, however large that is, and upright', async () => {
    const { picture, side } = await page('trivium', { scale: 20, width: 3600, height: 2400, left: 2000 });
    const bytes = await picture.jpeg({ quality: 60 }).withMetadata({ orientation: 3 }).toBuffer();

    const [code] = await readCodes(bytes);

    expect(code?.text).toBe('trivium');
    const xs = code?.quadrilateral.map(([x]) => x) ?? [];
    expect(Math.abs(Math.min(...xs) - (3600 - 2000 - side))).toBeLessThan(30);
  });

  it('finds nothing where nothing is', async () => {
    const blank = sharp({ create: { width: 50, height: 50, channels: 3, background: '#ffffff' } });

    expect(await readCodes(await blank.png().toBuffer())).toEqual([]);
  });

  it('refuses what is no picture, and stops when told to', async () => {
    const { picture } = await page('trivium');
    const bytes = await picture.png().toBuffer();

    await expect(readCodes(Buffer.from('hello'), { path: 'file' })).rejects.toMatchObject({
      code: 'unsupported_media',
      param: 'file',
    });
    await expect(readCodes(bytes, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});
