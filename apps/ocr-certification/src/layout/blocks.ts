import type { LayoutBlock } from '@trivium/contracts/ocr-certification';
import type { TextLine } from '@trivium/contracts/vision-inference';
import { cellsOf, joinTexts, usualHeight } from './cell.js';
import { surround } from './geometry.js';
import { rowsOf } from './row.js';
import { type Span, straighten } from './straighten.js';
import { findTables, gridOf } from './tables.js';
import { type CellRow, unfoldColumns } from './text-columns.js';

/** In line heights: print this much larger than most is a title. */
const TITLE = 1.35;
const LONGEST_TITLE = 60;
/** A line this many line heights below the one before begins a new paragraph. */
const PARAGRAPH_GAP = 0.9;
const PAIR = /^(\S.{0,23}?)\s*[:：]\s*(\S.*)$/u;
const KEY = /[:：]$/u;

interface Draft {
  readonly type: LayoutBlock['type'];
  readonly rows: readonly (readonly string[])[];
  readonly spans: readonly Span[];
  readonly bottom: number;
}

/**
 * The blocks of a page in reading order, by geometry alone: rows of three or more cells under one another
 * are a table, columns of text are read one after the other, large print is a title, `key: value` a pair.
 */
export function blocksOf(lines: readonly TextLine[]): LayoutBlock[] {
  if (lines.length === 0) return [];
  const spans = straighten(lines);
  const rows = rowsOf(spans).map(cellsOf);
  const height = usualHeight(spans);
  const drafts: Draft[] = [];
  let next = 0;
  for (const [start, end] of [...findTables(rows, height), [rows.length, rows.length] as const]) {
    for (const column of unfoldColumns(rows.slice(next, start))) drafts.push(...textBlocks(column, height));
    if (end > start) drafts.push(tableOf(rows.slice(start, end)));
    next = end;
  }
  const placed = new Set(drafts.flatMap((draft) => draft.spans));
  // @NOTE print that runs upright belongs to no row; it is read last
  const upright = spans.filter((span) => !placed.has(span)).map(paragraphOf);
  const numbers = new Map(spans.map((span, index) => [span, index]));
  return [...drafts, ...upright].map((draft) => ({
    type: draft.type,
    quadrilateral: surround(draft.spans.map(({ quadrilateral }) => quadrilateral)),
    lines: draft.spans.flatMap((span) => numbers.get(span) ?? []),
    rows: draft.rows.map((row) => [...row]),
  }));
}

function tableOf(rows: readonly CellRow[]): Draft {
  const cells = rows.flat();
  return {
    type: 'table',
    rows: gridOf(rows),
    spans: cells.flatMap(({ spans }) => spans),
    bottom: Math.max(...cells.map(({ bottom }) => bottom)),
  };
}

const paragraphOf = (span: Span): Draft => ({
  type: 'paragraph',
  rows: [[span.text]],
  spans: [span],
  bottom: span.box.bottom,
});

/** Each row by itself, then those that go on with the one above joined to it. */
function textBlocks(rows: readonly CellRow[], height: number): Draft[] {
  const blocks: Draft[] = [];
  for (const row of rows) {
    const top = Math.min(...row.map((cell) => cell.top));
    for (const draft of draftsOf(row, height)) {
      const above = blocks.at(-1);
      const follows = above?.type === draft.type && top - above.bottom < PARAGRAPH_GAP * height;
      if (follows && draft.type !== 'title') blocks[blocks.length - 1] = join(above, draft);
      else blocks.push(draft);
    }
  }
  return blocks;
}

function draftsOf(row: CellRow, height: number): Draft[] {
  const [first, second, third] = row;
  const bottom = Math.max(...row.map((cell) => cell.bottom));
  const spans = row.flatMap((cell) => cell.spans);
  if (first !== undefined && second !== undefined && third === undefined && KEY.test(first.text)) {
    return [{ type: 'key-value', rows: [[first.text.replace(KEY, '').trim(), second.text]], spans, bottom }];
  }
  return row.map((cell): Draft => {
    const { text } = cell;
    const [, key, value] = PAIR.exec(text) ?? [];
    const isTitle = cell.bottom - cell.top >= TITLE * height && text.length <= LONGEST_TITLE;
    const place = { spans: cell.spans, bottom: cell.bottom };
    if (key !== undefined && value !== undefined && !value.startsWith('//')) {
      return { type: 'key-value', rows: [[key, value]], ...place };
    }
    return { type: isTitle ? 'title' : 'paragraph', rows: [[text]], ...place };
  });
}

function join(above: Draft, below: Draft): Draft {
  const rows =
    above.type === 'key-value'
      ? [...above.rows, ...below.rows]
      : [[joinTexts(above.rows[0]?.[0] ?? '', below.rows[0]?.[0] ?? '')]];
  return { type: above.type, rows, spans: [...above.spans, ...below.spans], bottom: below.bottom };
}
