import type { DocumentField, Invoice } from '@trivium/contracts/invoice';
import type { Reading, Row } from '../layout/row.js';
import { fieldOf } from '../invoice/field.js';
import { KIND_RULES } from '../invoice/kind-rules.js';
import { completeInvoice, type ReadInvoice } from '../invoice/read-invoice.js';
import { dateOrderOf, findEnglishDate } from '../value/english-date.js';
import { amountsIn, moneyField, pageMark, positiveField, readCurrency } from './amounts.js';
import { type EnglishLabel, type EnglishRow, labelEnglishRow } from './english-labels.js';
import { readLineItems } from './line-items.js';
import { readBuyer, readSeller } from './parties.js';
import { below, rightOf } from './places.js';

/** Labels that end the items. */
const SUMS: readonly EnglishLabel[] = [
  'subtotal',
  'tax',
  'discount',
  'shipping',
  'gratuity',
  'total',
  'amountDue',
];

/** An invoice or a receipt in English, or null when the page is neither. */
export function recognizeCommercial(rows: readonly Row[], page: number): ReadInvoice | null {
  if (!isEnglish(rows)) return null;
  const labelled = rows.map(labelEnglishRow);
  const mark = pageMark(rows);
  const amount = (name: EnglishLabel): Reading | null => labelledAmount(labelled, name);
  const total = amount('total');
  const subtotal = amount('subtotal');
  const end = endOfItems(labelled);
  const items = readLineItems(rows, end, page, mark);
  const documentType = judgeKind(labelled, total !== null || amount('amountDue') !== null, items.length > 0);
  if (documentType === null) return null;
  const money = (reading: Reading | null): DocumentField | null =>
    reading === null ? null : moneyField(reading, page, mark);
  const positive = (reading: Reading | null): DocumentField | null =>
    reading === null ? null : positiveField(reading, page, mark);
  const currency = readCurrency(rows, page);
  return completeInvoice(documentType, {
    fields: {
      number: readIdentifier(labelled, 'number', page),
      date: readDate(labelled, 'date', page) ?? readAnyDate(labelled, page),
      buyerName: readBuyer(labelled, page),
      sellerName: readSeller(labelled, page),
      netAmount: money(subtotal),
      taxAmount: money(amount('tax')),
      total: money(total),
    },
    details: {
      currency: currency.field,
      orderNumber: readIdentifier(labelled, 'orderNumber', page),
      dueDate: readDate(labelled, 'dueDate', page),
      discount: positive(amount('discount')),
      shipping: money(amount('shipping')),
      gratuity: money(amount('gratuity')),
      amountPaid: positive(amount('amountPaid')),
      amountDue: money(amount('amountDue')),
    },
    items,
    contradictions: currency.contradicted ? ['currency'] : [],
    taxIncluded: rows.some(({ text }) => TAX_INCLUDED.test(text)),
    unexplainedAmounts: hasUnexplained(labelled),
  });
}

const TAX_INCLUDED = /incl(?:uding|uded|usive|udes|\.)?\s*(?:of\s*)?(?:vat|tax|gst)|(?:vat|tax|gst)\s*incl/i;
const OTHER_PAPERS =
  /quotation|estimate|packing\s*slip|delivery\s*note|credit\s*note|statement\s*of\s*account/i;

/** Where Chinese stands in the way the forms of other kinds apply. */
function isEnglish(rows: readonly Row[]): boolean {
  const text = rows.map((row) => row.text).join('');
  const latin = text.match(/[A-Za-z]/g)?.length ?? 0;
  const han = text.match(/\p{Script=Han}/gu)?.length ?? 0;
  return latin > 20 && latin > 4 * han;
}

/** A total alone makes no invoice: the page must call itself one, or say three things that only one says. */
function judgeKind(
  rows: readonly EnglishRow[],
  hasTotal: boolean,
  hasItems: boolean,
): Invoice['documentType'] | null {
  if (!hasTotal) return null;
  const texts = rows.map(({ row }) => row.text);
  const says = (word: RegExp): Row | undefined => rows.find(({ row }) => word.test(row.text))?.row;
  const [invoice, receipt] = [says(/invoice/i), says(/receipt/i)];
  if (invoice === undefined && receipt === undefined && texts.some((text) => OTHER_PAPERS.test(text)))
    return null;
  const names = new Set(rows.flatMap(({ labels }) => labels.map(({ name }) => name)));
  const telling = (['number', 'date', 'subtotal', 'tax', 'dueDate', 'buyer', 'amountDue'] as const).filter(
    (name) => names.has(name),
  );
  const evidence = telling.length + (hasItems ? 1 : 0);
  const title = invoice ?? receipt;
  if (evidence < (title === undefined ? 3 : 2)) return null;
  const kind =
    invoice !== undefined || (receipt === undefined && names.has('buyer')) ? 'commercial' : 'receipt';
  const sure = title === undefined ? 0.6 : (title.read(0, title.text.length)?.confidence ?? 0);
  return { kind, value: KIND_RULES[kind].title, confidence: sure * Math.min(1, evidence / 4) };
}

/** The last amount to the right of the label; of several rows the last, since totals stand at the end. */
function labelledAmount(rows: readonly EnglishRow[], name: EnglishLabel): Reading | null {
  for (const { row, labels } of rows.toReversed()) {
    const [first] = labels;
    // @NOTE a row that begins with another label is that label's: Balance due after payments, Total
    if (first?.name !== name) continue;
    const amount = amountsIn(row, first.end).at(-1);
    if (amount !== undefined) return amount;
  }
  return null;
}

/** The first row that begins with a sum and has its amount. */
function endOfItems(rows: readonly EnglishRow[]): number {
  const sums = rows.find(
    ({ row, labels: [first] }) =>
      first !== undefined && SUMS.includes(first.name) && amountsIn(row, first.end).length > 0,
  );
  return sums?.row.middle ?? Number.POSITIVE_INFINITY;
}

function hasUnexplained(rows: readonly EnglishRow[]): boolean {
  const at = (name: EnglishLabel): number =>
    rows.findLastIndex(({ labels: [first] }) => first?.name === name);
  const [from, to] = [at('subtotal'), at('total')];
  return rows
    .slice(from + 1, Math.max(from + 1, to))
    .some(({ row, labels }) => labels.length === 0 && amountsIn(row).length > 0);
}

/** Letters, digits and strokes with at least one digit. */
const IDENTIFIER = /^#?\s?([A-Z0-9][A-Z0-9/._-]*\d[A-Z0-9/._-]*|\d[A-Z0-9/._-]*)(?![A-Za-z])/i;

function readIdentifier(rows: readonly EnglishRow[], name: EnglishLabel, page: number): DocumentField | null {
  return firstOf(rows, name, (reading) => {
    const value = IDENTIFIER.exec(reading.folded)?.[1];
    return value === undefined ? null : fieldOf({ ...reading, text: value }, page, value);
  });
}

function readDate(rows: readonly EnglishRow[], name: EnglishLabel, page: number): DocumentField | null {
  const order = dateOrderOf(rows.map(({ row }) => row.text));
  return firstOf(rows, name, (reading) => {
    const found = findEnglishDate(reading.folded, order);
    return found === null
      ? null
      : fieldOf({ ...reading, text: reading.text.slice(found.start, found.end) }, page, found.date);
  });
}

/** A receipt prints its date without a label. */
function readAnyDate(rows: readonly EnglishRow[], page: number): DocumentField | null {
  const order = dateOrderOf(rows.map(({ row }) => row.text));
  for (const { row, labels } of rows) {
    if (labels.some(({ name }) => name === 'dueDate')) continue;
    const found = findEnglishDate(row.text, order);
    const reading = found === null ? null : row.read(found.start, found.end);
    if (found !== null && reading !== null) return fieldOf(reading, page, found.date);
  }
  return null;
}

/** What makes a field of the text to the right of a label, or else of the text below it. */
function firstOf(
  rows: readonly EnglishRow[],
  name: EnglishLabel,
  field: (reading: Reading) => DocumentField | null,
): DocumentField | null {
  for (const labelled of rows) {
    for (const label of labelled.labels) {
      if (label.name !== name) continue;
      for (const reading of [rightOf(labelled, label), below(rows, labelled, label)]) {
        const found = reading === null ? null : field(reading);
        if (found !== null) return found;
      }
    }
  }
  return null;
}
