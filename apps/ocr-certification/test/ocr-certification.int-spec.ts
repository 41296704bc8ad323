import { readFile } from 'node:fs/promises';
import { DomainError } from '@trivium/contracts';
import { extractInvoice, readDocument } from '@trivium/contracts/ocr-certification';
import { type NatsProcess, startNats } from '@trivium/local-servers';
import { connectMessaging, type Messaging } from '@trivium/messaging';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { blankPdf } from './blank-pdf.js';
import { type Asked, blankPage, recorded, RecordedVision } from './recorded-vision.js';
import { ServiceProcess } from './service-process.js';
import { textOfd } from './text-ofd.js';
import { textPdf } from './text-pdf.js';

const PAGE_CONCURRENCY = 2;
const PICTURE = {
  kind: 'inline',
  mediaType: 'image/jpeg',
  bytes: new Uint8Array([0xff, 0xd8, 0xff]),
} as const;
const pdf = (widths: readonly number[]) =>
  ({ kind: 'inline', mediaType: 'application/pdf', bytes: blankPdf(widths) }) as const;

let nats: NatsProcess;
let vision: RecordedVision;
let service: ServiceProcess;
let client: Messaging;

beforeAll(async () => {
  nats = await startNats();
  vision = await RecordedVision.start(nats.url);
  service = await ServiceProcess.start(nats.url, {
    OCR_PAGE_CONCURRENCY: String(PAGE_CONCURRENCY),
    OCR_MAX_PAGES: '6',
  });
  client = await connectMessaging({ name: 'test', servers: nats.url });
});

afterAll(async () => {
  await client?.[Symbol.asyncDispose]();
  await service?.[Symbol.asyncDispose]();
  await vision?.[Symbol.asyncDispose]();
  await nats?.stop();
});

beforeEach(() => vision.reset());

describe('extract-invoice', () => {
  it('answers fields, items, checks and verdict of a picture', async () => {
    const { invoice, pages, execution } = await client.call(extractInvoice, {
      document: PICTURE,
      path: 'file',
    });

    expect(invoice).toMatchObject({
      documentType: { kind: 'vat-general', value: '增值税电子普通发票' },
      verdict: 'PASS',
      reasons: [],
      fields: { total: { normalized: '25354.71' }, sellerName: { value: '上海海棠屿商贸有限公司' } },
    });
    expect(invoice?.items).toHaveLength(3);
    expect(invoice?.checks).toHaveLength(12);
    expect(pages[0]?.lines).toEqual(recorded('01').lines);
    expect(execution).toHaveLength(1);
  });

  it('hands the picture on unchanged, in the context of its caller', async () => {
    await client.call(
      extractInvoice,
      { document: PICTURE, path: 'messages[0].content[1]' },
      { tenant: 'acme', requestId: 'req-1', priority: 'batch', deadline: 5_000 },
    );

    const [asked] = vision.asked;
    expect([...(asked?.bytes ?? [])]).toEqual([...PICTURE.bytes]);
    expect(asked?.path).toBe('messages[0].content[1]');
    expect(asked?.context).toMatchObject({ tenant: 'acme', requestId: 'req-1', priority: 'batch' });
    expect(asked?.context.remaining()).toBeLessThanOrEqual(5_000);
  });

  it('answers null and the text for a document that is no invoice', async () => {
    vision.answer = () => ({ ...recorded('01'), lines: recorded('01').lines.slice(-3) });

    const { invoice, pages } = await client.call(extractInvoice, { document: PICTURE });

    expect(invoice).toBeNull();
    expect(pages[0]?.lines).toHaveLength(3);
  });

  it('renders a PDF and takes the page that holds the invoice', async () => {
    vision.answer = (asked) => (blankPage(asked).width === 300 ? recorded('11') : blankPage(asked));

    const { invoice, pages } = await client.call(extractInvoice, { document: pdf([72, 144, 216]) });

    expect(pages).toHaveLength(3);
    expect(invoice?.fields.number).toMatchObject({ normalized: '23422100000709286443', page: 2 });
  });

  it('takes the text that a PDF stores, without a look at its picture', async () => {
    const { width, height, lines } = recorded('05');
    const bytes = textPdf([{ width, height, lines }]);

    const { invoice, pages, execution } = await client.call(extractInvoice, {
      document: { kind: 'inline', mediaType: 'application/pdf', bytes },
    });

    expect(vision.asked).toEqual([]);
    expect(pages).toMatchObject([{ source: 'text-layer', width: Math.floor((width * 150) / 72) }]);
    expect(execution).toMatchObject([{ model: 'text-layer', placement: 'rules' }]);
    expect(invoice).toMatchObject({
      documentType: { value: '电子发票（增值税专用发票）', confidence: 1 },
      verdict: 'PASS',
      reasons: [],
    });
    expect(invoice?.items).toHaveLength(6);
    expect(invoice?.fields.total).toMatchObject({ source: 'text-layer', confidence: 1, page: 1 });
    expect(invoice?.items[5]?.amount).toMatchObject({ source: 'text-layer', confidence: 1 });
  });

  it('takes the text that an OFD stores', async () => {
    const { width, height, lines } = recorded('05');

    const { invoice, pages } = await client.call(extractInvoice, {
      document: {
        kind: 'inline',
        mediaType: 'application/ofd',
        bytes: textOfd({ width, height, lines }),
      },
    });

    expect(vision.asked).toEqual([]);
    expect(pages).toMatchObject([{ source: 'ofd' }]);
    expect(invoice).toMatchObject({
      verdict: 'PASS',
      fields: { total: { source: 'ofd', confidence: 1 } },
    });
    expect(invoice?.items).toHaveLength(6);
  });

  it('holds the QR code of a PDF against what it prints', async () => {
    const { width, height, lines } = recorded('05');
    const codeOf = (amount: string) => `01,31,,22312100000379420314,${amount},20221026,,`;
    const ask = (amount: string) =>
      client.call(extractInvoice, {
        document: {
          kind: 'inline',
          mediaType: 'application/pdf',
          bytes: textPdf([{ width, height, lines, code: codeOf(amount) }]),
        },
      });
    const printed = (await ask('1.00')).invoice;
    const amount = printed?.fields.total?.normalized ?? '';

    const { invoice, pages } = await ask(amount);

    expect(printed).toMatchObject({
      verdict: 'REJECT',
      reasons: expect.arrayContaining(['qr-agrees']),
      fields: { total: { alternatives: [{ source: 'qr', normalized: '1.00' }] } },
    });
    expect(pages[0]?.codes).toMatchObject([{ format: 'qrcode', text: codeOf(amount) }]);
    expect(invoice?.checks.at(-1)).toMatchObject({ id: 'qr-agrees', status: 'passed' });
    expect(invoice?.verdict).toBe('PASS');
  });

  it('reads the sample PDF, whose glyphs have no characters, in its picture, sent by reference', async () => {
    const bytes = await readFile(new URL('../../../samples/invoices/invoice-01.pdf', import.meta.url));
    const document = await client.blobs.put(bytes, 'application/pdf');

    const { pages } = await client.call(extractInvoice, { document });

    expect(document.kind).toBe('blob');
    expect(pages).toMatchObject([{ source: 'ocr' }]);
    expect(blankPage(vision.asked[0] as Asked).width).toBeCloseTo(1240, -1);
  });
});

describe('read-document', () => {
  it('answers the pages that were asked for, in their order, few at a time', async () => {
    vision.answer = async (asked) => {
      await new Promise((resolve) => setImmediate(resolve));
      return blankPage(asked);
    };

    const { pages } = await client.call(readDocument, {
      document: pdf([72, 144, 216, 288, 360, 432, 504]),
      pages: [7, 2, 3, 4, 5],
    });

    expect(pages.map(({ page, width }) => [page, width])).toEqual([
      [7, 1050],
      [2, 300],
      [3, 450],
      [4, 600],
      [5, 750],
    ]);
    expect(vision.mostInFlight).toBeLessThanOrEqual(PAGE_CONCURRENCY);
  });

  it.each([
    ['more pages than it may read', pdf([72, 72, 72, 72, 72, 72, 72]), undefined, 'unsupported_media'],
    ['a page that is not there', pdf([72]), [2], 'invalid_request'],
    ['the second page of a picture', PICTURE, [2], 'invalid_request'],
    ['a PDF that is none', { ...PICTURE, mediaType: 'application/pdf' }, undefined, 'unsupported_media'],
    [
      'a text file',
      { kind: 'inline', mediaType: 'text/plain', bytes: new TextEncoder().encode('dear sirs') },
      undefined,
      'unsupported_media',
    ],
  ] as const)('refuses %s and names where it stood', async (_, document, pages, code) => {
    const refusal = client.call(readDocument, {
      document,
      path: 'input[0].file',
      ...(pages === undefined ? {} : { pages: [...pages] }),
    });

    await expect(refusal).rejects.toMatchObject({ code, param: 'input[0].file' });
    expect(vision.asked).toEqual([]);
  });

  it('passes the refusal of the reader on', async () => {
    vision.answer = () => {
      throw new DomainError('unsupported_media', 'The image is cut off.');
    };

    await expect(client.call(readDocument, { document: PICTURE, path: 'file' })).rejects.toMatchObject({
      code: 'unsupported_media',
      message: 'The image is cut off.',
      param: 'file',
    });
  });

  it('frees the reader within a second when the caller leaves', async () => {
    const started = Promise.withResolvers<AbortSignal>();
    vision.answer = ({ context: { signal } }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
        started.resolve(signal);
      });
    const leaving = new AbortController();
    const call = client.call(readDocument, { document: pdf([72]) }, { signal: leaving.signal });
    const signal = await started.promise;

    leaving.abort();

    await expect(call).rejects.toMatchObject({ code: 'cancelled' });
    await expect.poll(() => signal.aborted, { timeout: 1_000 }).toBe(true);
  });
});

describe('the service', () => {
  it('counts documents and invoices', async () => {
    await client.call(extractInvoice, { document: PICTURE });

    const { body } = await service.ask('/metrics');

    expect(body).toMatch(/document_read_total\{[^}]*kind="image"[^}]*outcome="ok"/);
    expect(body).toMatch(/invoice_extracted_total\{[^}]*kind="vat-general"[^}]*verdict="PASS"/);
  });

  it('finishes what is in flight after SIGTERM and exits cleanly', async () => {
    await using leaving = await ServiceProcess.start(nats.url);
    // with the first replica gone, the one that leaves takes the call
    await service[Symbol.asyncDispose]();
    const arrived = Promise.withResolvers<undefined>();
    const release = Promise.withResolvers<undefined>();
    vision.answer = async () => {
      arrived.resolve(undefined);
      await release.promise;
      return recorded('03');
    };
    const call = client.call(extractInvoice, { document: PICTURE });
    await arrived.promise;

    leaving.child.kill('SIGTERM');
    await expect.poll(async () => (await leaving.ask('/health/ready')).status).toBe(503);
    release.resolve(undefined);

    expect((await call).invoice?.fields.code?.normalized).toBe('3200248160');
    expect(await leaving.exited).toBe(0);
  });
});
