import type { Reading, Row } from '../layout/row.js';
import type { EnglishRow, FoundLabel } from './english-labels.js';

/** A value in the row below may begin this many line heights beside its label. */
const BESIDE = 2.5;
/** And stand this many line heights below it. */
const BELOW = 3;

/** What stands to the right of a label, up to the next label; null when nothing does. */
export function rightOf({ row, labels }: EnglishRow, label: FoundLabel): Reading | null {
  const next = labels.find(({ start }) => start >= label.end)?.start ?? row.text.length;
  let start = label.end;
  while (start < next && /[\s:.#]/.test(row.text.charAt(start))) start += 1;
  return row.read(start, next);
}

/** The nearest line that begins below the label, at its left edge; null when none is close. */
export function below(rows: readonly EnglishRow[], { row }: EnglishRow, label: FoundLabel): Reading | null {
  const left = row.glyphs[label.start]?.left ?? 0;
  const under = rows
    .filter(({ row: other }) => other.middle > row.middle + 0.5 * row.height)
    .filter(({ row: other }) => other.middle < row.middle + BELOW * Math.max(row.height, other.height))
    .toSorted((a, b) => a.row.middle - b.row.middle);
  for (const { row: other } of under) {
    const start = startNear(other, left);
    if (start !== null) return other.read(start, endOfRun(other, start));
  }
  return null;
}

function startNear(row: Row, left: number): number | null {
  for (let index = 0; index < row.glyphs.length; index += 1) {
    const begins = index === 0 || row.glyphs[index - 1]?.span === null;
    const glyph = row.glyphs[index];
    if (begins && glyph !== undefined && Math.abs(glyph.left - left) < BESIDE * row.height) return index;
  }
  return null;
}

/** Up to a gap wider than a blank between words. */
export function endOfRun(row: Row, start: number): number {
  let end = start;
  while (end < row.glyphs.length && row.gapAt(end) < 1.2) end += 1;
  return end;
}
