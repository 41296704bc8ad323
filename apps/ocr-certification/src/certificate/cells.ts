import { heightOf } from '../layout/geometry.js';
import type { Reading, Row } from '../layout/row.js';
import type { Anchor, AnchoredRow } from './anchors.js';

/** Text between wide gaps or labels, with its place. */
export interface Cell {
  readonly reading: Reading;
  readonly row: Row;
}

/** A gap of this many line heights ends a value. */
const ENDS_VALUE = 1.8;
/** A value may stand this many line heights to the right of its label, */
const FARTHEST_RIGHT = 12;
/** or below it. */
const FARTHEST_BELOW = 4.5;
/** Lines of one value are at most this many heights apart. */
const LINE_FEED = 2.1;
const MOST_LINES = 6;

/** What is printed to the right of a label, up to the next label or a wide gap. */
export function cellAfter({ row, anchors }: AnchoredRow, anchor: Anchor): Cell | null {
  const next = anchors.find(({ start }) => start >= anchor.end)?.start ?? row.text.length;
  let start = anchor.end;
  while (start < next && /[\s:;.,/]/.test(row.text.charAt(start))) {
    if (row.gapAt(start) > FARTHEST_RIGHT) return null;
    start += 1;
  }
  let end = start;
  while (end < next && row.gapAt(end) < ENDS_VALUE) end += 1;
  const reading = row.read(start, end);
  return reading === null ? null : { reading, row };
}

/** What is printed below a label, level with its left edge or its middle, and is no label itself. */
export function cellBelow(rows: readonly AnchoredRow[], { row }: AnchoredRow, anchor: Anchor): Cell | null {
  const label = row.read(anchor.start, anchor.end);
  if (label === null) return null;
  const height = lineHeight(row);
  for (const below of rows) {
    const distance = below.row.middle - row.middle;
    if (distance < 0.5 * height) continue;
    if (distance > FARTHEST_BELOW * height) break;
    const [nearest] = freeCells(below)
      .map((cell) => ({ cell, offset: offsetBetween(cell.reading, label) }))
      .filter(({ cell: { reading }, offset }) => offset < 2.5 * height || overlaps(reading, label))
      .sort((a, b) => a.offset - b.offset);
    if (nearest !== undefined) return nearest.cell;
  }
  return null;
}

/** The lines that go on below a value, each beginning where the value begins. */
export function continuationOf(rows: readonly AnchoredRow[], first: Cell): Cell[] {
  const lines: Cell[] = [];
  let { middle } = first.row;
  const height = lineHeight(first.row);
  for (const below of rows) {
    const distance = below.row.middle - middle;
    if (distance < 0.4 * height) continue;
    if (distance > LINE_FEED * height || lines.length === MOST_LINES) break;
    const next = freeCells(below).find(
      ({ reading }) => Math.abs(reading.left - first.reading.left) < 1.3 * height,
    );
    if (next === undefined) continue;
    lines.push(next);
    middle = below.row.middle;
  }
  return lines;
}

/** The parts of a row between wide gaps that hold no label and do not belong to one. */
export function freeCells({ row, anchors }: AnchoredRow): Cell[] {
  const cells: Cell[] = [];
  let start = 0;
  for (let index = 0; index <= row.text.length; index += 1) {
    if (index < row.text.length && row.gapAt(index) < 1) continue;
    const taken = anchors.some((anchor) => anchor.start < index && anchor.end > start);
    const reading = taken ? null : row.read(start, index);
    if (reading !== null) cells.push({ reading, row });
    start = index + 1;
  }
  return cells;
}

const offsetBetween = (cell: Reading, label: Reading): number =>
  Math.min(Math.abs(cell.left - label.left), Math.abs(cell.left + cell.right - label.left - label.right) / 2);

const overlaps = (cell: Reading, label: Reading): boolean =>
  cell.left < label.right && cell.right > label.left;

/** Of the row's most common kind of line: a seal or a portrait may make the row higher than its text. */
function lineHeight({ spans }: Row): number {
  const heights = spans.map(({ box }) => heightOf(box)).sort((a, b) => a - b);
  return heights[Math.floor(heights.length / 2)] ?? 1;
}
