import { DomainError } from '@trivium/contracts';
import type { Binary } from '@trivium/contracts/content';
import type { DocumentCode } from '@trivium/contracts/ocr-certification';
import type { TextLine } from '@trivium/contracts/vision-inference';
import type { CallContext } from '@trivium/messaging';
import { zipSync } from 'fflate';
import { describe, expect, it, vi } from 'vitest';
import type { PageReading } from './page-reader.js';
import { ReadDocument } from './read-document.js';

const context: CallContext = {
  tenant: 't',
  requestId: 'r',
  priority: 'interactive',
  signal: new AbortController().signal,
  remaining: () => 1000,
};

const PNG = Uint8Array.from([
  0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52,
]);
const PDF = new TextEncoder().encode('%PDF-1.7\n%âãÏÓ\n');

const CODES: DocumentCode[] = [
  {
    format: 'qrcode',
    text: 'trivium',
    quadrilateral: [
      [1, 1],
      [3, 1],
      [3, 3],
      [1, 3],
    ],
  },
];

function reading(page: number): PageReading {
  return {
    page: { page, width: 10, height: 10, source: 'ocr', lines: [], codes: [] },
    execution: { model: 'm', variant: 'v', placement: 'cpu', queueMs: 1, computeMs: 2, batchSize: 1 },
  };
}

const inline = (mediaType: string, bytes: Uint8Array = PNG): Binary => ({ kind: 'inline', mediaType, bytes });

function reader(changes: { failing?: Error } = {}) {
  const images = vi.fn((_image: Binary, _origin: { page: number; path: string | undefined }) =>
    changes.failing === undefined ? Promise.resolve(reading(1)) : Promise.reject(changes.failing),
  );
  const pdfs = vi.fn((_request: { pages: readonly number[] | undefined; path: string | undefined }) =>
    Promise.resolve([reading(1), reading(2)]),
  );
  const ofds = vi.fn((_request: object, _context: CallContext) => Promise.resolve([reading(1)]));
  const codes = vi.fn(() => Promise.resolve(CODES));
  const fetch = vi.fn((binary: Binary) =>
    binary.kind === 'inline'
      ? Promise.resolve(binary.bytes)
      : Promise.reject(new DomainError('not_found', 'gone')),
  );
  const readDocument = new ReadDocument(
    { get: fetch },
    { read: images },
    { read: pdfs },
    { read: ofds },
    { read: codes },
    1000,
  );
  return { readDocument, images, pdfs, ofds };
}

describe('ReadDocument', () => {
  it('hands a picture on as it came, and adds the codes that stand on it', async () => {
    const { readDocument, images } = reader();

    const reply = await readDocument.execute({ document: inline('image/png'), path: 'messages[0]' }, context);

    expect(reply.pages.map(({ page }) => page)).toEqual([1]);
    expect(reply.execution).toHaveLength(1);
    expect(images).toHaveBeenCalledWith(inline('image/png'), { page: 1, path: 'messages[0]' }, context);
    expect(reply.pages[0]?.codes).toEqual(CODES);
  });

  it('renders a PDF, with the pages that were asked for', async () => {
    const { readDocument, pdfs } = reader();

    const reply = await readDocument.execute(
      { document: inline('application/pdf', PDF), pages: [2], path: 'file' },
      context,
    );

    expect(reply.pages).toHaveLength(2);
    expect(pdfs).toHaveBeenCalledWith({ bytes: PDF, pages: [2], path: 'file' }, context);
  });

  it.each([
    ['a PDF', inline('application/octet-stream', PDF), 'pdf'],
    ['a picture', inline('application/octet-stream', PNG), 'image'],
  ])('looks at the bytes of %s without a telling type', async (_, document, kind) => {
    const { readDocument, images, pdfs } = reader();

    await readDocument.execute({ document }, context);

    expect(pdfs).toHaveBeenCalledTimes(kind === 'pdf' ? 1 : 0);
    expect(images.mock.calls.map(([image]) => image.mediaType)).toEqual(
      kind === 'image' ? ['image/png'] : [],
    );
  });

  it('adds blocks and Markdown when they are asked for', async () => {
    const { readDocument, images } = reader();
    const line: TextLine = {
      text: '发票号码：12345678',
      confidence: 1,
      quadrilateral: [
        [0, 0],
        [90, 0],
        [90, 9],
        [0, 9],
      ],
    };
    const { page, execution } = reading(1);
    images.mockResolvedValue({ page: { ...page, lines: [line] }, execution });

    const { pages } = await readDocument.execute({ document: inline('image/png'), layout: true }, context);
    const plain = await readDocument.execute({ document: inline('image/png') }, context);

    expect(pages[0]).toMatchObject({
      blocks: [{ type: 'key-value', rows: [['发票号码', '12345678']], lines: [0] }],
      markdown: '- **发票号码**: 12345678',
    });
    expect(plain.pages[0]).not.toHaveProperty('markdown');
  });

  it('knows an OFD from other zip files', async () => {
    const { readDocument, ofds } = reader();
    const ofd = zipSync({ 'OFD.xml': new Uint8Array() });
    const other = zipSync({ a: new Uint8Array() });

    await readDocument.execute(
      { document: inline('application/zip', ofd), pages: [1], path: 'file' },
      context,
    );

    expect(ofds).toHaveBeenCalledWith({ bytes: ofd, pages: [1], path: 'file' }, context);
    await expect(
      readDocument.execute({ document: inline('application/zip', other) }, context),
    ).rejects.toMatchObject({ code: 'unsupported_media' });
  });

  it('refuses what is neither, and names where it stood', async () => {
    const { readDocument } = reader();
    const text = inline('text/plain', new TextEncoder().encode('dear sirs'));

    await expect(
      readDocument.execute({ document: text, path: 'messages[0].content[1]' }, context),
    ).rejects.toMatchObject({ code: 'unsupported_media', param: 'messages[0].content[1]' });
  });

  it('refuses the second page of a picture', async () => {
    const { readDocument } = reader();

    await expect(
      readDocument.execute({ document: inline('image/png'), pages: [1, 2], path: 'file' }, context),
    ).rejects.toMatchObject({ code: 'invalid_request', param: 'file' });
  });

  it('gives a complaint about the document its place, and leaves other errors alone', async () => {
    const damaged = reader({ failing: new DomainError('unsupported_media', 'damaged') });
    const busy = reader({ failing: new DomainError('overloaded', 'full', { retryAfterMs: 500 }) });
    const request = { document: inline('image/png'), path: 'file' };

    await expect(damaged.readDocument.execute(request, context)).rejects.toMatchObject({
      code: 'unsupported_media',
      message: 'damaged',
      param: 'file',
    });
    await expect(busy.readDocument.execute(request, context)).rejects.toMatchObject({
      code: 'overloaded',
      param: undefined,
      retryAfterMs: 500,
    });
  });

  it('says that a document whose lifetime is over must be sent again', async () => {
    const { readDocument } = reader();
    const gone: Binary = {
      kind: 'blob',
      mediaType: 'application/pdf',
      bucket: 'b',
      name: 'n',
      sha256: '0'.repeat(64),
      size: 3,
    };

    await expect(readDocument.execute({ document: gone, path: 'file' }, context)).rejects.toMatchObject({
      code: 'invalid_request',
      param: 'file',
    });
  });
});
