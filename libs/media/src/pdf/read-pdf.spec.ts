import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../image/decode-image.js';
import {
  inspectPdf,
  type PdfPage,
  type PicturePage,
  readPdfPages,
  type ReadPdfOptions,
  renderPdfPages,
} from './read-pdf.js';

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
  readonly rotate?: number;
}

/** Objects 1 to 3 are the catalogue, the page list and the content; `extra` begins at 4, pages follow. */
function pdf({
  pages = 1,
  box = '0 0 144 72',
  content = '',
  resources = '',
  extra = [],
  trailer = '',
  rotate = 0,
}: Parts): Buffer {
  const first = 4 + extra.length;
  const kids = Array.from({ length: pages }, (_, index) => `${first + index} 0 R`);
  const page = `<</Type/Page/Parent 2 0 R/Rotate ${rotate}/MediaBox[${box}]/Resources<<${resources}>>/Contents 3 0 R>>`;
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

async function collect(bytes: Uint8Array, options: ReadPdfOptions = {}): Promise<PdfPage[]> {
  const pages: PdfPage[] = [];
  for await (const page of readPdfPages(bytes, options)) pages.push(page);
  return pages;
}

function pictureIn(page: PdfPage | undefined): PicturePage {
  if (page?.kind !== 'picture') throw new Error('the page was not rendered');
  return page;
}

async function inkShare({ png }: PicturePage): Promise<number> {
  const { data } = await decodeImage(png);
  return data.filter((value) => value < 128).length / data.length;
}

/** Fonts 4 to 6: Chinese by UTF-16 codes, as wide as high, Latin half as wide. */
const CHINESE = [
  '<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[5 0 R]>>',
  '<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/DW 1000/W[1 95 500]/FontDescriptor 6 0 R>>',
  '<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 880/StemV 93>>',
];

/** `place` is the text matrix: `1 0 0 1 72 500` for level text. */
const write = (text: string, place: string, size: number, mode = 0): string =>
  `BT ${mode} Tr /C ${size} Tf ${place} Tm <${Buffer.from(text, 'utf16le').swap16().toString('hex')}> Tj ET\n`;

const page = (content: string, parts: Parts = {}): Buffer =>
  pdf({ box: '0 0 360 288', resources: '/Font<</C 4 0 R>>', extra: CHINESE, ...parts, content });

const NUMBER = '发票号码：23422100000709286443';

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

describe('readPdfPages, of pages without text', () => {
  it('renders the pages asked for, in that order, at the resolution asked for', async () => {
    const pages = await collect(pdf({ pages: 3, content: '0 0 72 72 re f' }), { pages: [3, 1], dpi: 144 });

    expect(pages).toMatchObject([
      { page: 3, pageCount: 3, width: 288, height: 144, dpi: 144 },
      { page: 1, pageCount: 3, width: 288, height: 144, dpi: 144 },
    ]);
    const first = pictureIn(pages[0]);
    expect(await inkShare(first)).toBeCloseTo(0.5, 2);
    expect((await sharp(first.png).metadata()).format).toBe('png');
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

    expect(await inkShare(pictureIn(page))).toBeGreaterThan(0.01);
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

    expect(await inkShare(pictureIn(page))).toBeCloseTo(1, 2);
  });

  it('stops when told to', async () => {
    await expect(collect(pdf({}), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});

describe('readPdfPages, of pages with text', () => {
  it('takes the text as it is stored, placed where the page shows it', async () => {
    const [read] = await collect(
      page(write(NUMBER, '1 0 0 1 36 144', 12) + write('开票日期', '1 0 0 1 36 216', 12)),
      { dpi: 144 },
    );

    expect(read).toMatchObject({ kind: 'text', page: 1, pageCount: 1, width: 720, height: 576, dpi: 144 });
    const lines = read?.kind === 'text' ? read.lines : [];
    expect(lines.map(({ text, confidence }) => [text, confidence])).toEqual([
      ['开票日期', 1],
      [NUMBER, 1],
    ]);
    const [[left, top], , [right, bottom]] = lines[1]?.quadrilateral ?? [[0, 0], 0, [0, 0]];
    expect([left, right]).toEqual([72, 72 + (5 + 10) * 24]);
    expect(top).toBeCloseTo(288 - 0.88 * 24, 0);
    expect(bottom).toBeCloseTo(288 + 0.12 * 24, 0);
  });

  it('follows the rotation of the page', async () => {
    const [read] = await collect(page(write(NUMBER, '0 1 -1 0 100 36', 12), { rotate: 90 }), { dpi: 72 });

    expect(read).toMatchObject({ kind: 'text', width: 288, height: 360 });
    const [[left, top], [right, levelTop]] = (read?.kind === 'text' && read.lines[0]?.quadrilateral) || [
      [0, 1],
      [0, 0],
    ];
    expect([left, right]).toEqual([36, 36 + 180]);
    expect(levelTop).toBe(top);
  });

  it('leaves out text beside the page', async () => {
    const [read] = await collect(
      page(write(NUMBER, '1 0 0 1 36 144', 12) + write('藏在页外的文字', '1 0 0 1 36 900', 12)),
    );

    expect(read?.kind === 'text' && read.lines.map(({ text }) => text)).toEqual([NUMBER]);
  });

  it.each([
    ['with a page number alone', page(write('第3页', '1 0 0 1 36 144', 12)), {}, 'too-little-text'],
    ['whose text is invisible', page(write(NUMBER, '1 0 0 1 36 144', 12, 3)), {}, 'invisible-text'],
    [
      'whose glyphs are no characters',
      page(write(`${NUMBER}\ue000\ue001`, '1 0 0 1 36 144', 12)),
      {},
      'unmapped-glyphs',
    ],
    [
      'that a picture fills',
      page(`${write(NUMBER, '1 0 0 1 36 144', 12)} q 360 0 0 288 0 0 cm /I Do Q`, {
        resources: '/Font<</C 4 0 R>>/XObject<</I 7 0 R>>',
        extra: [...CHINESE, ...(pictureOf(2, 1).extra ?? [])],
      }),
      {},
      'mostly-pictures',
    ],
    [
      'with more pieces than are read',
      page(write(NUMBER, '1 0 0 1 36 144', 12).repeat(40)),
      { maxTextPieces: 30 },
      'too-little-text',
    ],
  ])('renders a page %s', async (_what, bytes, limits, because) => {
    expect(await collect(bytes, { limits })).toMatchObject([{ kind: 'picture', because }]);
  });
});

describe('renderPdfPages', () => {
  it('draws a page whatever text it stores', async () => {
    const bytes = page(write(NUMBER, '1 0 0 1 36 144', 12));

    const pages = [];
    for await (const drawn of renderPdfPages(bytes, { dpi: 72 })) pages.push(drawn);

    expect(pages).toMatchObject([{ page: 1, pageCount: 1, width: 360, height: 288, dpi: 72 }]);
    expect((await sharp(pages[0]?.png).metadata()).width).toBe(360);
  });
});

describe('inspectPdf', () => {
  it('counts the pages', async () => {
    expect(await inspectPdf(pdf({ pages: 7 }))).toEqual({ pages: 7 });
  });
});
