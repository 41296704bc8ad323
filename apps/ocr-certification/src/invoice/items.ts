import {
  type DocumentField,
  INVOICE_ITEM_CELLS,
  type InvoiceItem,
  type InvoiceItemCell,
} from '@trivium/contracts/invoice';
import { Decimal } from 'decimal.js';
import { surround } from '../layout/geometry.js';
import type { Glyph, Reading, Row } from '../layout/row.js';
import { isNoAmount, parseAmount } from '../value/amount.js';
import { parseRate } from '../value/rate.js';
import { borderAfter, columnAt, type ItemTable } from './columns.js';
import { amountField, fieldOf, normalizeGoods } from './field.js';

type Cells = Partial<Record<InvoiceItemCell, readonly Reading[]>>;

/** Rows between the table's head and its sums; a row without an amount goes on with the name above it. */
export function readItems(rows: readonly Row[], table: ItemTable, end: number, page: number): InvoiceItem[] {
  const items: Cells[] = [];
  let orphan: Cells | null = null;
  for (const row of rows) {
    if (row.middle <= table.head.middle + 0.6 * table.head.height || row.middle >= end - 0.4 * row.height)
      continue;
    const cells = cellsOf(row, table);
    if (Object.keys(cells).length === 0) continue;
    const last = items.at(-1);
    if (cells.amount !== undefined || cells.taxAmount !== undefined) {
      items.push(orphan === null ? cells : joinCells(orphan, cells));
      orphan = null;
    } else if (last === undefined) orphan = orphan === null ? cells : joinCells(orphan, cells);
    else items[items.length - 1] = joinCells(last, cells);
  }
  return items.map((cells) => itemOf(cells, page));
}

function joinCells(above: Cells, below: Cells): Cells {
  const joined: Cells = { ...above };
  for (const cell of INVOICE_ITEM_CELLS) {
    const added = below[cell];
    if (added !== undefined) joined[cell] = [...(above[cell] ?? []), ...added];
  }
  return joined;
}

/** A stretch of a row that belongs to one column. */
interface Stretch {
  readonly cell: InvoiceItemCell;
  readonly start: number;
  readonly end: number;
  readonly reading: Reading;
}

/** Cuts a row where its text passes from one column to another. */
function cellsOf(row: Row, table: ItemTable): Cells {
  const stretches = runsOf(row)
    .flatMap(([start, end]) => cutAtBorders(row, table, start, end))
    .flatMap(([start, end]) => stretchOf(row, start, end, table));
  const cells: Cells = {};
  for (const { cell, reading } of partQuantity(row, stretches)) {
    if (isPlausible(cell, reading)) cells[cell] = [...(cells[cell] ?? []), reading];
  }
  return cells;
}

function stretchOf(row: Row, start: number, end: number, table: ItemTable): Stretch[] {
  const reading = row.read(start, end);
  if (reading === null) return [];
  return [{ cell: columnAt(table, (reading.left + reading.right) / 2), start, end, reading }];
}

/**
 * A long price reaches the quantity before it, and both are read as one number. The place where it
 * comes apart is the one that makes quantity times price the printed amount; without it nothing is parted.
 */
function partQuantity(row: Row, stretches: readonly Stretch[]): readonly Stretch[] {
  const [price, ...otherPrices] = stretches.filter(({ cell }) => cell === 'unitPrice');
  const amount = stretches.find(({ cell }) => cell === 'amount');
  const known = stretches.some(({ cell }) => cell === 'quantity');
  if (known || price === undefined || otherPrices.length > 0 || amount === undefined) return stretches;
  const printed = parseAmount(amount.reading.folded);
  if (printed === null) return stretches;
  const partings: Stretch[][] = [];
  for (let cut = price.start + 1; cut < price.end; cut += 1) {
    if (row.text.charAt(cut) === ' ') continue;
    const [left, right] = [row.read(price.start, cut), row.read(cut, price.end)];
    if (left === null || right === null || !multiplyTo(left.folded, right.folded, printed)) continue;
    partings.push([
      { cell: 'quantity', start: price.start, end: cut, reading: left },
      { cell: 'unitPrice', start: cut, end: price.end, reading: right },
    ]);
  }
  const [parting, ...others] = partings;
  if (parting === undefined || others.length > 0) return stretches;
  return [...stretches.filter((stretch) => stretch !== price), ...parting];
}

function multiplyTo(quantity: string, price: string, amount: Decimal): boolean {
  if (!/^[1-9]\d*(\.\d+)?$/.test(quantity) || !/^(0|[1-9]\d*)(\.\d+)?$/.test(price)) return false;
  return new Decimal(quantity).times(price).minus(amount).abs().lessThanOrEqualTo('0.01');
}

/** Text without a gap inside: a gap always parts two cells. */
function runsOf(row: Row): [number, number][] {
  const runs: [number, number][] = [];
  let start: number | null = null;
  row.glyphs.forEach((glyph, index) => {
    const gap = glyph.span === null;
    if (!gap && start === null) start = index;
    if (gap && start !== null) {
      runs.push([start, index]);
      start = null;
    }
  });
  if (start !== null) runs.push([start, row.glyphs.length]);
  return runs;
}

/**
 * Neighbouring cells read as one line are parted near the border that lies well inside them: at a
 * blank, else between Chinese and figures, else at the border itself.
 */
function cutAtBorders(row: Row, table: ItemTable, start: number, end: number): [number, number][] {
  const cuts: number[] = [];
  for (const cell of INVOICE_ITEM_CELLS.slice(0, -1)) {
    const border = borderAfter(table, cell);
    const glyphs = row.glyphs.slice(start, end);
    const [first, last] = [glyphs[0], glyphs.at(-1)];
    if (first === undefined || last === undefined) continue;
    const centre = table.centres[cell];
    const nextCell = INVOICE_ITEM_CELLS[INVOICE_ITEM_CELLS.indexOf(cell) + 1] ?? cell;
    const coversBoth = first.left < centre && last.right > table.centres[nextCell];
    if (!coversBoth) continue;
    const cut = cutNear(glyphs, border, row.height);
    if (cut !== null) cuts.push(start + cut);
  }
  const edges = [start, ...cuts, end];
  return edges.slice(0, -1).map((from, index) => [from, edges[index + 1] ?? end]);
}

const REACH = 2.5;

function cutNear(glyphs: readonly Glyph[], border: number, height: number): number | null {
  const places = glyphs
    .map((glyph, index) => ({ index, distance: Math.abs(glyph.left - border) / height }))
    .filter(({ index, distance }) => index > 0 && distance < REACH)
    .sort((a, b) => a.distance - b.distance);
  const isBlank = ({ index }: { index: number }): boolean => glyphs[index]?.folded === ' ';
  const changes = ({ index }: { index: number }): boolean =>
    isHan(glyphs[index - 1]?.folded) !== isHan(glyphs[index]?.folded);
  return (places.find(isBlank) ?? places.find(changes) ?? places[0])?.index ?? null;
}

const isHan = (character: string | undefined): boolean => /\p{Script=Han}/u.test(character ?? '');

/** Seals and stray marks fall into columns of figures too; they are no cell. */
function isPlausible(cell: InvoiceItemCell, { folded }: Reading): boolean {
  switch (cell) {
    case 'quantity':
    case 'unitPrice':
      return parseAmount(folded) !== null;
    case 'amount':
    case 'taxAmount':
      return parseAmount(folded) !== null || isNoAmount(folded);
    case 'taxRate':
      return parseRate(folded) !== null;
    case 'name':
    case 'specification':
    case 'unit':
      return folded.length > 0;
  }
}

function itemOf(cells: Cells, page: number): InvoiceItem {
  const entries = INVOICE_ITEM_CELLS.map((cell) => [cell, cellField(cell, cells[cell] ?? [], page)] as const);
  return Object.fromEntries(entries) as InvoiceItem;
}

function cellField(cell: InvoiceItemCell, readings: readonly Reading[], page: number): DocumentField | null {
  const reading = mergeReadings(readings, cell === 'name' ? '' : ' ');
  if (reading === null) return null;
  switch (cell) {
    case 'amount':
    case 'taxAmount':
      return amountField(reading, page);
    case 'quantity':
    case 'unitPrice':
      return fieldOf(reading, page, parseAmount(reading.folded)?.toFixed(printedDecimals(reading)) ?? null);
    case 'taxRate':
      return fieldOf(reading, page, parseRate(reading.folded));
    case 'name':
      return fieldOf(reading, page, normalizeGoods(reading.text));
    case 'specification':
    case 'unit':
      return fieldOf(reading, page, reading.text.trim());
  }
}

/** Quantities and prices keep the decimals they were printed with: 29.80 is not 29.8. */
function printedDecimals({ folded }: Reading): number {
  return /\.\s?(\d+)/.exec(folded)?.[1]?.length ?? 0;
}

/** A cell printed on several lines is one value. */
function mergeReadings(readings: readonly Reading[], joint: string): Reading | null {
  const [first] = readings;
  if (first === undefined || readings.length === 1) return first ?? null;
  return {
    text: readings.map(({ text }) => text).join(joint),
    folded: readings.map(({ folded }) => folded).join(joint),
    confidence: Math.min(...readings.map(({ confidence }) => confidence)),
    quadrilateral: surround(readings.map(({ quadrilateral }) => quadrilateral)),
    left: Math.min(...readings.map(({ left }) => left)),
    right: Math.max(...readings.map(({ right }) => right)),
  };
}
