import type { Cell } from './cell.js';

export type CellRow = readonly Cell[];

/** Rows of two cells side by side before they are taken for two columns of text. */
const FEWEST_PAIRS = 3;
/** Characters of a cell of running text; a shorter one is a label or a value. */
const RUNNING_TEXT = 12;

/** The rows in reading order: where text runs in two columns, all of the left one before the right one. */
export function unfoldColumns(rows: readonly CellRow[]): (readonly CellRow[])[] {
  const groups: CellRow[][] = [];
  let plain: CellRow[] = [];
  let index = 0;
  while (index < rows.length) {
    const run = columnsAt(rows, index);
    if (run === null) {
      plain.push(rows[index] ?? []);
      index += 1;
      continue;
    }
    const side = (isOn: (cell: Cell) => boolean): CellRow[] =>
      rows
        .slice(index, run.end)
        .map((row) => row.filter(isOn))
        .filter((row) => row.length > 0);
    groups.push(
      plain,
      side(({ left }) => left < run.gap),
      side(({ left }) => left >= run.gap),
    );
    plain = [];
    index = run.end;
  }
  return [...groups, plain].filter((group) => group.length > 0);
}

/** How far two columns go that begin at this row, and where the gap between them is. */
function columnsAt(rows: readonly CellRow[], start: number): { end: number; gap: number } | null {
  let [left, right] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  let [pairs, running] = [0, 0];
  let end = start;
  for (const row of rows.slice(start)) {
    const [first, second, third] = row;
    if (first === undefined || third !== undefined || (second === undefined && pairs === 0)) break;
    const isLeft = second !== undefined || first.right < right;
    const nextLeft = isLeft ? Math.max(left, first.right) : left;
    const nextRight = Math.min(right, second?.left ?? (isLeft ? right : first.left));
    if (nextLeft >= nextRight) break;
    [left, right] = [nextLeft, nextRight];
    if (second !== undefined) {
      pairs += 1;
      running += Math.min(first.text.length, second.text.length) >= RUNNING_TEXT ? 1 : 0;
    }
    end += 1;
  }
  return pairs >= FEWEST_PAIRS && running > pairs / 2 ? { end, gap: (left + right) / 2 } : null;
}
