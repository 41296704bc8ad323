import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { sniffMediaType } from '../media-type/sniff.js';
import { readOfd, type ReadOfdOptions } from './read-ofd.js';

const PATH = 'file';
const NAMESPACE = 'xmlns:ofd="http://www.ofdspec.org/2016"';
const ROOT = `<?xml version="1.0" encoding="UTF-8"?><ofd:OFD ${NAMESPACE}><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>`;

const documentWith = (pages: readonly string[]): string =>
  `<ofd:Document ${NAMESPACE}><ofd:CommonData><ofd:PageArea><ofd:PhysicalBox>0 0 210 140</ofd:PhysicalBox></ofd:PageArea><ofd:TemplatePage ID="2" BaseLoc="Tpls/Tpl_0/Content.xml"/></ofd:CommonData><ofd:Pages>${pages.map((page, index) => `<ofd:Page ID="${index + 10}" BaseLoc="${page}"/>`).join('')}</ofd:Pages></ofd:Document>`;

const textObject = (text: string, boundary: string, code: string, more = ''): string =>
  `<ofd:TextObject ID="1" Boundary="${boundary}" Font="3" Size="4" ${more}><ofd:TextCode ${code}>${text}</ofd:TextCode></ofd:TextObject>`;

const content = (objects: string, before = ''): string =>
  `<ofd:Page ${NAMESPACE}>${before}<ofd:Content><ofd:Layer ID="4">${objects}</ofd:Layer></ofd:Content></ofd:Page>`;

const NUMBER = textObject(
  '发票号码：23422100000709286443',
  '10 20 100 6',
  'X="0" Y="4" DeltaX="g 5 4 g 19 2"',
);
const TEMPLATE = content(textObject('名 称', '10 40 30 6', 'X="0" Y="4" DeltaX="4 2"'));

function ofd(files: Readonly<Record<string, string>> = {}, pages = ['Pages/Page_0/Content.xml']): Uint8Array {
  const parts: Record<string, string> = {
    'OFD.xml': ROOT,
    'Doc_0/Document.xml': documentWith(pages),
    'Doc_0/Tpls/Tpl_0/Content.xml': TEMPLATE,
    'Doc_0/Pages/Page_0/Content.xml': content(NUMBER, '<ofd:Template TemplateID="2" ZOrder="Background"/>'),
    ...files,
  };
  return zipSync(Object.fromEntries(Object.entries(parts).map(([name, text]) => [name, strToU8(text)])));
}

/** At 25.4 dots per inch a pixel is a millimetre. */
const read = (bytes: Uint8Array, options: ReadOfdOptions = {}) =>
  readOfd(bytes, { dpi: 25.4, path: PATH, ...options });

describe('readOfd', () => {
  it('reads text objects of page and template where they stand', async () => {
    const [page] = await read(ofd());

    expect(page).toMatchObject({ page: 1, pageCount: 1, width: 210, height: 140 });
    expect(page?.lines.map(({ text, confidence }) => [text, confidence])).toEqual([
      ['发票号码：23422100000709286443', 1],
      ['名 称', 1],
    ]);
    const [[left, top], [right]] = page?.lines[0]?.quadrilateral ?? [
      [0, 0],
      [0, 0],
    ];
    expect([left, right]).toEqual([10, 10 + 5 * 4 + 20 * 2]);
    expect(top).toBeCloseTo(20 + 4 - 0.86 * 4, 0);
  });

  it('turns and scales by the matrix of the object, and keeps columns apart', async () => {
    const objects =
      textObject('合计', '100 50 20 20', 'X="0" Y="4" DeltaX="4"', 'CTM="2 0 0 2 0 0"') +
      textObject('12.00', '140 50 20 20', 'X="0" Y="4" DeltaX="g 4 2"', 'CTM="2 0 0 2 0 0"');

    const [page] = await read(ofd({ 'Doc_0/Pages/Page_0/Content.xml': content(objects) }));

    expect(page?.lines.map(({ text }) => text)).toEqual(['合计', '12.00']);
    expect(page?.lines[0]?.quadrilateral[1][0]).toBe(116);
  });

  it('leaves out what is hidden and what lies beside the page', async () => {
    const objects =
      textObject('看不见', '10 10 30 6', 'X="0" Y="4"', 'Visible="false"') +
      textObject('页外', '500 10 30 6', 'X="0" Y="4"') +
      NUMBER;

    const [page] = await read(ofd({ 'Doc_0/Pages/Page_0/Content.xml': content(objects) }));

    expect(page?.lines).toHaveLength(1);
  });

  it('reads the pages asked for, in that order, each with its own area', async () => {
    const area = '<ofd:Area><ofd:PhysicalBox>0 0 50 60</ofd:PhysicalBox></ofd:Area>';
    const bytes = ofd({ 'Doc_0/Pages/Page_1/Content.xml': content('', area) }, [
      'Pages/Page_0/Content.xml',
      'Pages/Page_1/Content.xml',
    ]);

    expect(await read(bytes, { pages: [2, 1] })).toMatchObject([
      { page: 2, pageCount: 2, width: 50, height: 60, lines: [] },
      { page: 1, width: 210 },
    ]);
    await expect(read(bytes, { pages: [3] })).rejects.toMatchObject({ code: 'invalid_request', param: PATH });
  });

  const bomb = `<a>${'0'.repeat(20_000)}</a>`;
  const entities = `<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><a>&b;</a>`;
  const page = (xml: string) => ofd({ 'Doc_0/Pages/Page_0/Content.xml': xml });

  it.each([
    [
      'with more pages than it may',
      ofd({}, ['Pages/a.xml', 'Pages/b.xml']),
      { maxPages: 1 },
      /at most 1 are read/,
    ],
    ['that inflates to too much', page(bomb), { maxPartBytes: 10_000 }, /inflates to more than it may/],
    ['that inflates to too much together', page(bomb), { maxTotalBytes: 10_000 }, /inflates to more/],
    ['with too many files', ofd(), { maxParts: 3 }, /holds 4 files/],
    ['that declares entities', page(entities), {}, /no acceptable XML/],
    ['whose XML is broken', page('<a><b></a>'), {}, /no acceptable XML/],
    ['whose XML is nested without end', page('<a>'.repeat(100)), {}, /no acceptable XML/],
    ['with too much text', page(content(NUMBER)), { maxCharacters: 5 }, /more than 5 characters/],
    ['that names a file outside', ofd({}, ['../../../etc/passwd']), {}, /outside of itself/],
    ['with an entry outside', ofd({ '../evil.xml': '' }), {}, /no intact zip file/],
    ['that names a file it lacks', ofd({}, ['Pages/none.xml']), {}, /does not hold/],
    ['without a document', ofd({ 'OFD.xml': '<a/>' }), {}, /holds no document/],
    ['of pictures alone', page(content('<ofd:ImageObject ID="9"/>')), {}, /pictures and no text/],
    ['that is cut off', ofd().subarray(0, 400), {}, /no intact zip file|cannot be read/],
    ['that is another zip', zipSync({ 'a.txt': strToU8('a') }), {}, /OFD files are accepted/],
  ])('refuses a document %s, naming the part', async (_what, bytes, limits, message) => {
    const refusal = read(bytes, { limits });

    await expect(refusal).rejects.toMatchObject({ code: 'unsupported_media', param: PATH });
    await expect(refusal).rejects.toThrow(message);
  });

  it('refuses an entry that inflates to more than it declares', async () => {
    const bytes = Buffer.from(page(bomb));
    const size = Buffer.alloc(4);
    size.writeUInt32LE(bomb.length);
    const lie = Buffer.alloc(4);
    lie.writeUInt32LE(50);
    for (let at = bytes.indexOf(size); at >= 0; at = bytes.indexOf(size, at + 1)) lie.copy(bytes, at);

    await expect(read(bytes)).rejects.toThrow(/damaged or encrypted/);
  });

  it('stops when told to', async () => {
    await expect(read(ofd(), { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'cancelled' });
  });
});

it('knows an OFD from other zip files by what it holds', async () => {
  expect(await sniffMediaType(ofd())).toBe('application/ofd');
  expect(await sniffMediaType(zipSync({ 'a.txt': strToU8('a') }))).toBe('application/zip');
});
