import { type DocumentField, INVOICE_FIELDS, type InvoiceFields } from '@trivium/contracts/invoice';
import { describe, expect, it } from 'vitest';
import { checksumOf, type InvoiceCode, invoiceCodeAmong } from './invoice-code.js';
import { settleSources } from './settle-sources.js';

const field = (normalized: string, changes: Partial<DocumentField> = {}): DocumentField => ({
  value: normalized,
  normalized,
  confidence: 0.93,
  quadrilateral: null,
  page: 1,
  source: 'ocr',
  ...changes,
});

const NONE = Object.fromEntries(INVOICE_FIELDS.map((name) => [name, null])) as InvoiceFields;

function code(amount = '1234.50', checksum?: string): InvoiceCode {
  const body = `01,32,,23422100000709286443,${amount},20241126,,`;
  const text = body + (checksum ?? checksumOf(body));
  const found = invoiceCodeAmong([
    {
      format: 'qrcode',
      text,
      quadrilateral: [
        [1, 1],
        [9, 1],
        [9, 9],
        [1, 9],
      ],
    },
  ]);
  if (found === null) throw new Error('no invoice code');
  return found;
}

const READ: InvoiceFields = {
  ...NONE,
  number: field('23422100000709286443'),
  date: field('2024-11-26'),
  total: field('1234.50'),
};

describe('settleSources', () => {
  it('leaves everything as it was without a code', () => {
    expect(settleSources(READ, null, 1)).toEqual({ fields: READ, agreement: null, checksum: null });
  });

  it('is sure of what both say', () => {
    const { fields, agreement, checksum } = settleSources(READ, code(), 1);

    expect(fields.number).toMatchObject({ confidence: 1, source: 'ocr' });
    expect(agreement?.check).toMatchObject({ id: 'qr-agrees', status: 'passed' });
    expect(checksum?.check).toMatchObject({ id: 'qr-checksum', status: 'passed' });
  });

  it('takes from the code what was not read', () => {
    const { fields } = settleSources({ ...READ, number: null, total: null }, code(), 2);

    expect(fields.number).toMatchObject({
      value: '23422100000709286443',
      source: 'qr',
      page: 2,
      confidence: 1,
    });
    expect(fields.total).toMatchObject({ normalized: '1234.50', source: 'qr' });
  });

  it('takes the number from the code rather than from recognition, and asks for a look', () => {
    const misread = field('23422100000709286448');

    const { fields, agreement } = settleSources({ ...READ, number: misread }, code(), 1);

    expect(fields.number).toMatchObject({
      normalized: '23422100000709286443',
      source: 'qr',
      alternatives: [misread],
    });
    expect(agreement).toMatchObject({
      check: { status: 'failed', expected: '23422100000709286443', actual: '23422100000709286448' },
      grave: false,
    });
  });

  it.each(['text-layer', 'ofd'] as const)(
    'keeps the number of the %s, which contradicts the code',
    (source) => {
      const stored = field('23422100000709286448', { source, confidence: 1 });

      const { fields, agreement } = settleSources({ ...READ, number: stored }, code(), 1);

      expect(fields.number).toMatchObject({
        normalized: '23422100000709286448',
        source,
        alternatives: [{ source: 'qr', normalized: '23422100000709286443' }],
      });
      expect(agreement).toMatchObject({ grave: true, confidence: 1 });
    },
  );

  it('never decides between two amounts: the field stays, says what else was read, and is not trusted', () => {
    const { fields, agreement } = settleSources(READ, code('9234.50'), 1);

    expect(fields.total).toMatchObject({
      normalized: '1234.50',
      confidence: 0.5,
      alternatives: [{ normalized: '9234.50', source: 'qr' }],
    });
    expect(agreement).toMatchObject({
      check: { status: 'failed', message: 'The QR code and the page differ on total.' },
      confidence: 0.93,
      grave: true,
    });
  });

  it('does not hold a code that is not intact against the document', () => {
    const { agreement, checksum } = settleSources(READ, code('9234.50', '0000'), 1);

    expect(agreement).toMatchObject({ check: { status: 'failed' }, grave: false });
    expect(checksum?.check).toMatchObject({ status: 'failed', actual: '0000' });
  });
});
