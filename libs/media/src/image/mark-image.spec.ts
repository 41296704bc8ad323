import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage } from './decode-image.js';
import { markImage } from './mark-image.js';

const blank = (width: number, height: number): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: '#ffffff' } })
    .png()
    .toBuffer();
const noise = (side: number): Promise<Buffer> => {
  let state = 1;
  const data = Uint8Array.from(
    { length: side * side * 3 },
    () => (state = (state * 48_271) % 2_147_483_647) % 256,
  );
  return sharp(data, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer();
};
const box = (left: number, top: number, right: number, bottom: number) =>
  [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ] as const;

describe('markImage', () => {
  it('outlines the places and leaves the rest', async () => {
    const { jpeg, width, height } = await markImage(await blank(400, 300), [box(100, 100, 300, 200)], {
      maxSide: 400,
      maxBytes: 100_000,
    });
    const { data } = await decodeImage(jpeg);
    const at = (x: number, y: number): number[] => [
      ...data.slice((y * width + x) * 3, (y * width + x) * 3 + 3),
    ];

    expect([width, height]).toEqual([400, 300]);
    for (const [x, y] of [
      [200, 100],
      [300, 150],
      [200, 200],
      [100, 150],
    ] as const) {
      const [red = 0, green = 0, blue = 0] = at(x, y);
      expect(red - blue).toBeGreaterThan(80);
      expect(green).toBeLessThan(180);
    }
    for (const [x, y] of [
      [200, 150],
      [20, 20],
      [380, 280],
    ] as const) {
      expect(Math.min(...at(x, y))).toBeGreaterThan(240);
    }
  });

  it('scales places with the picture, and draws those at and over the edge as far as they are seen', async () => {
    const marked = await markImage(
      await blank(2_000, 1_000),
      [box(-50, -50, 1_999, 999), box(5_000, 0, 6_000, 50)],
      {
        maxSide: 500,
        maxBytes: 100_000,
      },
    );
    const { data } = await decodeImage(marked.jpeg);

    expect([marked.width, marked.height]).toEqual([500, 250]);
    const [red = 0, , blue = 0] = data.slice((125 * 500 + 499) * 3);
    expect(red - blue).toBeGreaterThan(80);
  });

  it('makes the picture as small as it must be', async () => {
    const { jpeg, width } = await markImage(await noise(900), [box(10, 10, 90, 90)], {
      maxSide: 900,
      maxBytes: 120_000,
    });

    expect(jpeg.byteLength).toBeLessThanOrEqual(120_000);
    expect(width).toBeLessThan(900);
  });

  it('refuses what is no picture', async () => {
    await expect(
      markImage(Buffer.from('no picture'), [box(0, 0, 1, 1)], {
        maxSide: 100,
        maxBytes: 1_000,
        path: 'document',
      }),
    ).rejects.toMatchObject({ code: 'unsupported_media', param: 'document' });
  });
});
