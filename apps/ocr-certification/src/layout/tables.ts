import { joinTexts } from './cell.js';
import type { CellRow } from './text-columns.js';

/** Cells of a row that make it one of a table. */
const FEWEST_CELLS = 3;
const FEWEST_ROWS = 2;
/** Rows further apart than this many line heights belong to different tables. */
const FARTHEST = 3;

/** Stretches of rows, from the first to before the last, that are tables. */
export function findTables(rows: readonly CellRow[], height: number): [start: number, end: number][] {
  const tables: [number, number][] = [];
  let start = 0;
  while (start < rows.length) {
    const end = endOfTable(rows, start, height);
    if (end - start >= FEWEST_ROWS) {
      tables.push([start, end]);
      start = end;
    } else start += 1;
  }
  return tables;
}

/** A row of fewer cells between two of a table goes on with the one above, such as a name on two lines. */
function endOfTable(rows: readonly CellRow[], start: number, height: number): number {
  let end = start;
  for (let index = start; index < rows.length; index += 1) {
    const row = rows[index] ?? [];
    const isClose = index === start || topOf(row) - bottomOf(rows[index - 1] ?? []) < FARTHEST * height;
    if (!isClose) break;
    if (row.length >= FEWEST_CELLS) end = index + 1;
    else if (index === start || index > end) break;
  }
  return end;
}

const topOf = (row: CellRow): number => Math.min(...row.map(({ top }) => top));
const bottomOf = (row: CellRow): number => Math.max(...row.map(({ bottom }) => bottom));

/** One column for each cell of the fullest row; other cells go where they overlap or lie nearest. */
export function gridOf(rows: readonly CellRow[]): string[][] {
  const fullest = rows.reduce((best: CellRow, row) => (row.length > best.length ? row : best), []);
  const grid: string[][] = [];
  for (const row of rows) {
    const texts = fullest.map(() => '');
    for (const cell of row) {
      const distances = fullest.map(
        ({ left, right }) =>
          Math.max(left, cell.left) -
          Math.min(right, cell.right) +
          Math.abs(left + right - cell.left - cell.right) / 1e3,
      );
      const column = distances.indexOf(Math.min(...distances));
      texts[column] = joinTexts(texts[column] ?? '', cell.text);
    }
    const above = grid.at(-1);
    if (row.length >= FEWEST_CELLS || above === undefined) grid.push(texts);
    else grid[grid.length - 1] = above.map((text, index) => joinTexts(text, texts[index] ?? ''));
  }
  return grid;
}
