import { readFileSync } from 'node:fs';
import type { Quadrilateral } from '@trivium/contracts/content';
import { type DocumentField, type Invoice, INVOICE_DETAILS, InvoiceKind } from '@trivium/contracts/invoice';
import type { DocumentPage } from '@trivium/contracts/ocr-certification';
import type { TextLine } from '@trivium/contracts/vision-inference';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { recognizeInvoice } from './recognize-invoice.js';

const TODAY = '2026-11-27';
const KINDS = [
  'vat-roll',
  'quota',
  'machine-printed',
  'train',
  'train-electronic',
  'taxi',
  'commercial',
  'receipt',
] as const;
type Kind = (typeof KINDS)[number];

const Values = z.record(z.string(), z.string().nullable());
const Truth = z.object({
  kind: InvoiceKind,
  fields: Values,
  details: Values,
  items: z.array(Values),
  verdict: z.string(),
  failedChecks: z.array(z.string()),
});

/** The reader takes 川 for JII there, which is no plate. */
const NOT_READ: Partial<Record<Kind, Record<string, null>>> = { taxi: { plateNumber: null } };

const readText = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const truthOf = (kind: Kind): z.output<typeof Truth> =>
  Truth.parse(JSON.parse(readText(`../../../../samples/documents/${kind}.json`)));

/** Lines as vision-inference read them from the sample pictures. */
function pageOf(kind: Kind): DocumentPage {
  const [head = '', ...lines] = readText(`../../test/fixtures/${kind}.jsonl`).trim().split('\n');
  const { width, height } = JSON.parse(head) as Pick<DocumentPage, 'width' | 'height'>;
  return { page: 1, width, height, lines: lines.map((line) => JSON.parse(line) as TextLine) };
}

function recognize(page: DocumentPage): Invoice {
  const invoice = recognizeInvoice([page], TODAY);
  if (invoice === null) throw new Error('no invoice was recognised');
  return invoice;
}

/** Readers lose the blanks of Latin text. */
const textOf = (field: DocumentField | null | undefined): string | null =>
  field == null ? null : (field.normalized ?? field.value).replaceAll(' ', '');
const withoutBlanks = (values: z.output<typeof Values>) =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value?.replaceAll(' ', '') ?? null]),
  );
const valuesOf = (fields: Readonly<Record<string, DocumentField | null | undefined>>) =>
  Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, textOf(field)]));

const withText = (page: DocumentPage, change: (text: string) => string): DocumentPage => ({
  ...page,
  lines: page.lines.map((line) => ({ ...line, text: change(line.text) })),
});

describe('documents of other kinds, on recorded lines', () => {
  it.each(KINDS)('reads everything on the sample of %s and judges it right', (kind) => {
    const truth = truthOf(kind);

    const invoice = recognize(pageOf(kind));

    expect(invoice.documentType.kind).toBe(kind);
    expect(valuesOf(invoice.fields)).toEqual(withoutBlanks(truth.fields));
    expect(valuesOf(invoice.details)).toEqual({ ...withoutBlanks(truth.details), ...NOT_READ[kind] });
    expect(invoice.items.map(valuesOf)).toEqual(truth.items.map(withoutBlanks));
    expect(invoice.verdict).toBe(truth.verdict);
    const failures = invoice.checks.filter(({ status }) => status === 'failed').map(({ id }) => id);
    expect(failures.toSorted()).toEqual(truth.failedChecks);
  });

  it.each(KINDS)('answers the details of %s and no others', (kind) => {
    expect(Object.keys(recognize(pageOf(kind)).details)).toEqual([...INVOICE_DETAILS[kind]]);
  });

  it('rejects a roll whose figures are not its words and items', () => {
    const total = truthOf('vat-roll').fields['total'] ?? '';
    const { verdict, reasons } = recognize(
      withText(pageOf('vat-roll'), (text) => (text.includes('小写') ? text.replace(total, '9999.99') : text)),
    );

    expect(verdict).toBe('REJECT');
    expect(reasons).toEqual(expect.arrayContaining(['items-sum-to-total', 'words-equal-figures']));
  });

  it('does not let pass a fare that nothing bears out and that was not read with certainty', () => {
    const page = pageOf('taxi');
    const doubtful = page.lines.map((line) => ({ ...line, confidence: Math.min(line.confidence, 0.86) }));

    expect(recognize({ ...page, lines: doubtful })).toMatchObject({
      verdict: 'REVIEW',
      reasons: ['low-confidence:total'],
    });
  });
});

describe('papers in English', () => {
  const line = (text: string, left: number, row: number): TextLine => {
    const [top, width] = [40 * row, 11 * text.length];
    const quadrilateral: Quadrilateral = [
      [left, top],
      [left + width, top],
      [left + width, top + 20],
      [left, top + 20],
    ];
    return { text, confidence: 0.99, quadrilateral };
  };
  const page = (...rows: readonly (readonly [string, string?])[]): DocumentPage => ({
    page: 1,
    width: 800,
    height: 1000,
    lines: rows.flatMap(([left, right], index) => [
      line(left, 40, index),
      ...(right === undefined ? [] : [line(right, 600, index)]),
    ]),
  });
  const HEAD = [
    ['Northlake Hardware Ltd'],
    ['Invoice No: A-1001', 'Date: 03/04/2025'],
    ['Bill to: Tall Pine Logistics Co'],
  ] as const;

  it('says that a date and an amount may mean two things', () => {
    const invoice = recognize(page(...HEAD, ['Shelf', '1,234'], ['Total', '1,234']));

    expect(invoice.fields.total).toMatchObject({ value: '1,234', normalized: null });
    expect(invoice.fields.date?.normalized).toBeNull();
    expect(invoice.reasons).toEqual(expect.arrayContaining(['unclear:date', 'unclear:total']));
    expect(invoice.verdict).toBe('REVIEW');
  });

  it('names no currency for a sign that several share', () => {
    const rows = [
      ['Shelf bracket', '$12.50'],
      ['Subtotal', '$12.50'],
      ['Tax', '$1.25'],
      ['Total', '$13.75'],
    ] as const;

    expect(recognize(page(...HEAD, ...rows)).details.currency).toMatchObject({
      value: '$',
      normalized: null,
    });
    expect(recognize(page(...HEAD, ...rows, ['All amounts in CAD.'])).details.currency?.normalized).toBe(
      'CAD',
    );
    const mixed = recognize(page(...HEAD, ...rows, ['All amounts in EUR.']));
    expect(mixed.details.currency?.normalized).toBeNull();
    expect(mixed.reasons).toContain('one-currency');
  });

  it('rejects a total that its own parts contradict, but not where an amount is unexplained', () => {
    const parts = [
      ['Shelf bracket', '12.50'],
      ['Subtotal', '12.50'],
      ['Tax', '1.25'],
    ] as const;

    expect(recognize(page(...HEAD, ...parts, ['Total', '31.75'])).verdict).toBe('REJECT');
    expect(recognize(page(...HEAD, ...parts, ['Fuel levy', '18.00'], ['Total', '31.75'])).verdict).toBe(
      'REVIEW',
    );
  });

  it('takes a tax that the prices hold for no addition', () => {
    const rows = [
      ['Bagel', '11.00'],
      ['Subtotal', '11.00'],
      ['VAT', '1.00'],
      ['Total', '11.00'],
      ['Prices incl. VAT'],
    ] as const;
    const { checks } = recognize(page(...HEAD, ...rows));

    expect(checks).toContainEqual(expect.objectContaining({ id: 'net-plus-tax-is-total', status: 'passed' }));
  });

  it.each([
    ['a quotation', page(['Quotation'], ['Date: 28/04/2025'], ['Shelf', '12.50'], ['Total', '12.50'])],
    ['a table of results', page(['Team', 'Points'], ['Blues', '12'], ['Total', '40'])],
  ])('finds none in %s', (_, other) => {
    expect(recognizeInvoice([other], TODAY)).toBeNull();
  });
});
