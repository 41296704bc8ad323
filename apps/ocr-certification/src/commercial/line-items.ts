import type { DocumentField, InvoiceItem, InvoiceItemCell } from '@trivium/contracts/invoice';
import type { Reading, Row } from '../layout/row.js';
import { fieldOf } from '../invoice/field.js';
import { type Cells, findTitleTable, itemsOf, readTitleTable, type Titles } from '../slip/title-table.js';
import { type DecimalMark, parseMoney } from '../value/money.js';
import { amountsIn, moneyField } from './amounts.js';

const TITLES: Titles = {
  name: [
    'itemdescription',
    'description',
    'items',
    'item',
    'product',
    'service',
    'particulars',
    'details',
    'article',
  ],
  specification: ['productcode', 'itemcode', 'sku', 'partno', 'code'],
  unit: ['unit', 'uom'],
  quantity: ['quantity', 'qty', 'hours', 'hrs', 'units'],
  unitPrice: ['unitprice', 'unitcost', 'priceeach', 'price', 'rate', 'each', 'cost'],
  amount: ['lineamount', 'linetotal', 'totalprice', 'amount', 'total', 'extended'],
  taxRate: ['taxrate', 'vatrate', 'vat%', 'tax%'],
};

const figure = (text: string): boolean => /^\W*(?:[A-Z]{1,3}\W*)?\d[\d.,']*\W*$/.test(text);

/** Rows of the table under its titles, or lines that end in an amount where there are none. */
export function readLineItems(
  rows: readonly Row[],
  end: number,
  page: number,
  mark: DecimalMark | null,
): InvoiceItem[] {
  const table = findTitleTable(
    rows.filter(({ middle }) => middle < end),
    TITLES,
  );
  const cells = table === null ? readTillLines(rows, end) : readTitleTable(rows, table, end, { figure });
  return itemsOf(cells, (cell, reading) => cellField(cell, reading, page, mark));
}

/** 3 x 2.64, also 3 @ 2.64; the times sign is folded to a star. */
const TIMES = /^(\d{1,4})\s?[xX*@]\s?(\D{0,3}\d[\d.,']*\D{0,2})$/;

/** A till prints a name and its amount; quantity and price stand on a line of their own, or before the name. */
function readTillLines(rows: readonly Row[], end: number): Cells[] {
  const items: Cells[] = [];
  let waiting: Reading | null = null;
  for (const row of rows.filter(({ middle, height }) => middle < end - 0.4 * height)) {
    const amount = amountsIn(row).at(-1);
    const ends = amount !== undefined && amount.right > (row.glyphs.at(-1)?.right ?? 0) - row.height;
    const whole = row.read(0, row.text.length);
    if (whole === null) continue;
    const apart = ends && amount.folded.length < whole.folded.length && hasGapBefore(row, amount);
    const before = apart ? row.read(0, whole.folded.length - amount.folded.length) : whole;
    const times = before === null ? null : timesIn(row, before);
    if (!apart) {
      const last = items.at(-1);
      if (times !== null && last !== undefined && last.quantity === undefined) Object.assign(last, times);
      else waiting = times === null ? whole : waiting;
    } else if (times !== null && waiting !== null) {
      items.push({ name: waiting, ...times, amount });
      waiting = null;
    } else if (times === null && before !== null && /[A-Za-z]{2}/.test(before.folded) && hasCents(amount)) {
      items.push({ name: before, amount });
      waiting = null;
    }
  }
  return items;
}

const hasCents = ({ folded }: Reading): boolean => /[.,]\d{2}\D*$/.test(folded);

function hasGapBefore(row: Row, amount: Reading): boolean {
  const index = row.glyphs.findIndex((glyph) => glyph.left >= amount.left - 0.1);
  return index > 0 && row.glyphs[index - 1]?.span === null;
}

function timesIn(row: Row, { folded }: Reading): Pick<Cells, 'quantity' | 'unitPrice'> | null {
  const match = TIMES.exec(folded);
  if (match === null) return null;
  const start = row.text.indexOf(folded);
  const [, count = '', price = ''] = match;
  const quantity = row.read(start, start + count.length);
  const unitPrice = row.read(start + folded.length - price.length, start + folded.length);
  return quantity === null || unitPrice === null ? null : { quantity, unitPrice };
}

function cellField(
  cell: InvoiceItemCell,
  reading: Reading,
  page: number,
  mark: DecimalMark | null,
): DocumentField | null {
  switch (cell) {
    case 'amount':
    case 'taxAmount':
    case 'unitPrice':
      return moneyField(reading, page, mark);
    case 'quantity':
      return fieldOf(reading, page, parseMoney(reading.folded, mark)?.toFixed() ?? null);
    case 'name':
    case 'specification':
    case 'unit':
    case 'taxRate':
      return fieldOf(reading, page, reading.text.replace(/\s+/g, ' ').trim());
  }
}
