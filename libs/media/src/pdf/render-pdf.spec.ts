import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../image/decode-image.js';
import { inspectPdf, renderPdfPages, type RenderedPage, type RenderPdfOptions } from './render-pdf.js';

const PATH = 'messages[0].content[0].file';

function writePdf(objects: readonly string[], trailer = ''): Buffer {
  let file = '%PDF-1.7\n';
  const offsets = objects.map((object, index) => {
    const offset = file.length;
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const start = file.length;
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const count = objects.length + 1;
  file += `xref\n0 ${count}\n0000000000 65535 f \n${table}`;
  file += `trailer\n<</Size ${count}/Root 1 0 R${trailer}>>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(file, 'latin1');
}

const stream = (dictionary: string, content: string): string =>
  `<<${dictionary}/Length ${content.length}>>\nstream\n${content}\nendstream`;

interface Parts {
  readonly pages?: number;
  readonly box?: string;
  readonly content?: string;
  readonly resources?: string;
  readonly extra?: readonly string[];
  readonly trailer?: string;
}

/** Objects 1 to 3 are the catalogue, the page list and the content; `extra` begins at 4, pages follow. */
function pdf({
  pages = 1,
  box = '0 0 144 72',
  content = '',
  resources = '',
  extra = [],
  trailer = '',
}: Parts): Buffer {
  const first = 4 + extra.length;
  const kids = Array.from({ length: pages }, (_, index) => `${first + index} 0 R`);
  const page = `<</Type/Page/Parent 2 0 R/MediaBox[${box}]/Resources<<${resources}>>/Contents 3 0 R>>`;
  return writePdf(
    [
      '<</Type/Catalog/Pages 2 0 R>>',
      `<</Type/Pages/Kids[${kids.join(' ')}]/Count ${pages}>>`,
      stream('', content),
      ...extra,
      ...kids.map(() => page),
    ],
    trailer,
  );
}

async function collect(bytes: Uint8Array, options: RenderPdfOptions = {}): Promise<RenderedPage[]> {
  const rendered: RenderedPage[] = [];
  for await (const page of renderPdfPages(bytes, options)) rendered.push(page);
  return rendered;
}

async function inkShare({ png }: RenderedPage): Promise<number> {
  const { data } = await decodeImage(png);
  return data.filter((value) => value < 128).length / data.length;
}

const pictureOf = (width: number, height: number): Parts => ({
  resources: '/XObject<</I 4 0 R>>',
  content: 'q 144 0 0 72 0 0 cm /I Do Q',
  extra: [
    stream(
      `/Type/XObject/Subtype/Image/Width ${width}/Height ${height}/BitsPerComponent 8/ColorSpace/DeviceGray`,
      '\u0000\u0000',
    ),
  ],
});

describe('renderPdfPages', () => {
  it('renders the pages asked for, in that order, at the resolution asked for', async () => {
    const pages = await collect(pdf({ pages: 3, content: '0 0 72 72 re f' }), { pages: [3, 1], dpi: 144 });

    expect(pages).toMatchObject([
      { page: 3, pageCount: 3, width: 288, height: 144, dpi: 144 },
      { page: 1, pageCount: 3, width: 288, height: 144, dpi: 144 },
    ]);
    const [first] = pages;
    expect(first && (await inkShare(first))).toBeCloseTo(0.5, 2);
    expect((await sharp(first?.png).metadata()).format).toBe('png');
  });

  it('renders Chinese in a predefined encoding with a font that is not embedded, and the standard fonts', async () => {
    const text = 'b7a2c6b1bac5c2eb'; // 发票号码 in GBK
    const bytes = pdf({
      resources: '/Font<</C 4 0 R/H 7 0 R>>',
      content: `BT /C 24 Tf 10 40 Td <${text}> Tj ET`,
      extra: [
        '<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/GBK-EUC-H/DescendantFonts[5 0 R]>>',
        '<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/DW 1000/FontDescriptor 6 0 R>>',
        '<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 880/StemV 93>>',
        '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
      ],
    });
    const [page] = await collect(bytes);

    expect(page && (await inkShare(page))).toBeGreaterThan(0.01);
  });

  it('lowers the resolution of a page that would have too many pixels', async () => {
    const [page] = await collect(pdf({ box: '0 0 14400 14400' }), { limits: { maxPagePixels: 10_000 } });

    expect(page).toMatchObject({ width: 100, height: 100, dpi: 0.5 });
  });

  it.each([
    ['with too many pages', pdf({ pages: 4 }), { limits: { maxPages: 3 } }, /has 4 pages .* at most 3/],
    ['that is cut off', pdf({}).subarray(0, 150), {}, /damaged or cut off/],
    ['that is no PDF within', Buffer.from('%PDF-1.7\nnothing'), {}, /damaged or cut off/],
    ['that is a text', Buffer.from('hello'), {}, /PDF files are accepted/],
    [
      'with a picture of 50,000 x 50,000',
      pdf(pictureOf(50_000, 50_000)),
      {},
      /picture of more than 100000000 pixels/,
    ],
    ['that needs too much time', pdf({}), { limits: { timeoutSeconds: 0.001 } }, /longer than 0.001 s/],
    ['that needs too much memory', pdf({ pages: 50 }), { limits: { maxMemoryMiB: 40 } }, /more than 40 MiB/],
    [
      'that is encrypted',
      pdf({
        extra: [`<</Filter/Standard/V 1/R 2/P -4/O<${'61'.repeat(32)}>/U<${'62'.repeat(32)}>>>`],
        trailer: '/Encrypt 4 0 R/ID[<00><00>]',
      }),
      {},
      /encrypted; send it without a password/,
    ],
  ])('refuses a document %s, naming the part', async (_what, bytes, options, message) => {
    const refusal = collect(bytes, { ...options, path: PATH });

    await expect(refusal).rejects.toMatchObject({ code: 'unsupported_media', param: PATH });
    await expect(refusal).rejects.toThrow(message);
  });

  it('refuses a page that is not there as a wrong request', async () => {
    await expect(collect(pdf({}), { pages: [2], path: PATH })).rejects.toMatchObject({
      code: 'invalid_request',
      param: PATH,
    });
  });

  it('renders a picture within the limit', async () => {
    const [page] = await collect(pdf(pictureOf(2, 1)));

    expect(page && (await inkShare(page))).toBeCloseTo(1, 2);
  });

  it('stops when told to', async () => {
    await expect(collect(pdf({}), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});

describe('inspectPdf', () => {
  it('counts the pages', async () => {
    expect(await inspectPdf(pdf({ pages: 7 }))).toEqual({ pages: 7 });
  });
});
