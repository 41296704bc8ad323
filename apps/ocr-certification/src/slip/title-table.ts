import {
  type DocumentField,
  INVOICE_ITEM_CELLS,
  type InvoiceItem,
  type InvoiceItemCell,
} from '@trivium/contracts/invoice';
import { findApproximately } from '../layout/find-approximately.js';
import { surround } from '../layout/geometry.js';
import type { Reading, Row } from '../layout/row.js';

/** What the titles of a column may be, folded, lower case and without blanks. */
export type Titles = Readonly<Partial<Record<InvoiceItemCell, readonly string[]>>>;

interface Column {
  readonly cell: InvoiceItemCell;
  readonly left: number;
  readonly right: number;
}

export interface TitleTable {
  readonly head: Row;
  readonly columns: readonly Column[];
}

interface Candidate extends Column {
  readonly length: number;
}

/** The first row that holds the titles of the amount and of at least one column more. */
export function findTitleTable(rows: readonly Row[], titles: Titles): TitleTable | null {
  for (const row of rows) {
    const beside = rows.filter((other) => Math.abs(other.middle - row.middle) < 0.8 * row.height);
    const columns = columnsOf(beside, titles);
    if (columns.length >= 2 && columns.some(({ cell }) => cell === 'amount')) return { head: row, columns };
  }
  return null;
}

/** Longer titles first, so that `unit price` is not the unit. */
function columnsOf(rows: readonly Row[], titles: Titles): Column[] {
  const candidates = rows
    .flatMap((row) =>
      INVOICE_ITEM_CELLS.flatMap((cell) =>
        (titles[cell] ?? []).flatMap((title) => placesOf(row, cell, title)),
      ),
    )
    .sort((a, b) => b.length - a.length);
  const columns: Column[] = [];
  for (const { cell, left, right } of candidates) {
    const free = columns.every(
      (column) => column.cell !== cell && (right <= column.left || left >= column.right),
    );
    if (free) columns.push({ cell, left, right });
  }
  return columns;
}

/** Titles of six letters or more may have one in four wrong. */
function placesOf(row: Row, cell: InvoiceItemCell, title: string): Candidate[] {
  const text = row.text.toLowerCase();
  const errors = title.length < 6 ? 0 : Math.floor(title.length / 4);
  return findApproximately(text, title, errors).flatMap((match) => {
    const word = !/[a-z]/.test(text.charAt(match.start - 1)) && !/[a-z]/.test(text.charAt(match.end));
    const [first, last] = [row.glyphs[match.start], row.glyphs[match.end - 1]];
    if (!word || first === undefined || last === undefined) return [];
    return [{ cell, left: first.left, right: last.right, length: title.length - 2 * match.errors }];
  });
}

export type Cells = Partial<Record<InvoiceItemCell, Reading>>;

export interface TableRules {
  /** Text that fits a column of figures; other text is no cell of it. */
  readonly figure: (text: string) => boolean;
  /** Names and figures stand on rows of their own, names above. */
  readonly namesAbove?: boolean;
}

const FIGURES: readonly InvoiceItemCell[] = ['quantity', 'unitPrice', 'amount', 'taxAmount'];

/**
 * Rows from below the head to `end`. A row of text alone belongs to the figures below it when those have
 * no name of their own, else it goes on with the name above.
 */
export function readTitleTable(
  rows: readonly Row[],
  table: TitleTable,
  end: number,
  rules: TableRules,
): Cells[] {
  const inside = rows.filter(
    (row) => row.middle > table.head.middle + 0.6 * table.head.height && row.middle < end - 0.4 * row.height,
  );
  const items: Cells[] = [];
  let waiting: Reading | null = null;
  for (const row of inside) {
    const cells = cellsOf(row, table, rules);
    if (cells.amount === undefined) {
      if (cells.name !== undefined) {
        const last = items.at(-1);
        if (rules.namesAbove === true || last === undefined) waiting = joinReadings(waiting, cells.name);
        else if (last.name !== undefined) last.name = joinReadings(last.name, cells.name, ' ');
      }
      continue;
    }
    if (waiting !== null) cells.name = joinReadings(waiting, cells.name);
    waiting = null;
    items.push(cells);
  }
  return items;
}

function cellsOf(row: Row, table: TitleTable, { figure }: TableRules): Cells {
  const cells: Cells = {};
  for (const reading of stretchesOf(row, figure)) {
    const column = nearest(table.columns, reading, figure(reading.folded));
    if (column === null) continue;
    if (FIGURES.includes(column) && !figure(reading.folded)) continue;
    cells[column] = joinReadings(cells[column] ?? null, reading, ' ');
  }
  return cells;
}

/** What stands together; figures that were read as one line are parted at their blanks. */
function stretchesOf(row: Row, figure: (text: string) => boolean): Reading[] {
  const pieces: Reading[] = [];
  for (const match of row.text.matchAll(/\S+(?: \S+)*/g)) {
    let start = match.index;
    const end = match.index + match[0].length;
    for (let index = start; index <= end; index += 1) {
      const gap = index === end || (row.glyphs[index]?.folded === ' ' && row.gapAt(index) > 0.6);
      if (!gap) continue;
      const reading = row.read(start, index);
      start = index + 1;
      if (reading === null) continue;
      const words = [...reading.folded.matchAll(/\S+/g)];
      const parts = words.length > 1 && words.every(([word]) => figure(word));
      if (!parts) pieces.push(reading);
      else {
        const from = start - 1 - reading.folded.length;
        for (const word of words) {
          const part = row.read(from + word.index, from + word.index + word[0].length);
          if (part !== null) pieces.push(part);
        }
      }
    }
  }
  return pieces;
}

/** The column whose title is nearest sideways; text never goes to a column of figures that it only touches. */
function nearest(
  columns: readonly Column[],
  { left, right }: Reading,
  isFigure: boolean,
): InvoiceItemCell | null {
  const distances = columns
    .filter(({ cell }) => isFigure || !FIGURES.includes(cell))
    .map(({ cell, left: from, right: to }) => ({
      cell,
      apart: Math.max(0, from - right, left - to),
      centres: Math.min(Math.abs(from + to - left - right) / 2, Math.abs(to - right), Math.abs(from - left)),
    }))
    .sort((a, b) => a.apart - b.apart || a.centres - b.centres);
  return distances[0]?.cell ?? null;
}

function joinReadings(first: Reading | null, second: Reading | undefined, joint = ''): Reading {
  if (first === null || second === undefined) {
    const only = first ?? second;
    if (only === undefined) throw new Error('there is nothing to join');
    return only;
  }
  return {
    text: first.text + joint + second.text,
    folded: first.folded + joint + second.folded,
    confidence: Math.min(first.confidence, second.confidence),
    quadrilateral: surround([first.quadrilateral, second.quadrilateral]),
    left: Math.min(first.left, second.left),
    right: Math.max(first.right, second.right),
  };
}

/** Items with every cell, by a rule that makes a field of a reading. */
export function itemsOf(
  rows: readonly Cells[],
  field: (cell: InvoiceItemCell, reading: Reading) => DocumentField | null,
): InvoiceItem[] {
  return rows.map(
    (cells) =>
      Object.fromEntries(
        INVOICE_ITEM_CELLS.map((cell) => {
          const reading = cells[cell];
          return [cell, reading === undefined ? null : field(cell, reading)];
        }),
      ) as InvoiceItem,
  );
}
