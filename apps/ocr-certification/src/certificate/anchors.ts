import { findApproximately } from '../layout/find-approximately.js';
import type { Row } from '../layout/row.js';
import type { AnchorRule } from './anchor-rules.js';

/** A label where it stands in its row; `end` is before the value. */
export interface Anchor {
  readonly name: AnchorRule['name'];
  readonly start: number;
  readonly end: number;
}

export interface AnchoredRow {
  readonly row: Row;
  /** From left to right. */
  readonly anchors: readonly Anchor[];
}

/** The labels of a row: by edit distance, the longest and best first, at the beginning of a cell. */
export function anchorRow(row: Row, rules: readonly AnchorRule[]): AnchoredRow {
  const text = row.text.toLowerCase();
  const found = rules
    .flatMap((rule) =>
      findApproximately(text, rule.text, tolerance(rule.text))
        .filter((match) => fits(rule, text, row, match))
        .map((match) => ({ ...match, name: rule.name, weight: rule.text.length - 2 * match.errors })),
    )
    .sort((a, b) => b.weight - a.weight);
  const kept: Anchor[] = [];
  for (const { name, start, end } of found) {
    if (kept.every((anchor) => end <= anchor.start || start >= anchor.end)) kept.push({ name, start, end });
  }
  return { row, anchors: kept.sort((a, b) => a.start - b.start) };
}

/** Two characters must be read exactly; of four one may be wrong, of longer ones one in four. */
const tolerance = (text: string): number => (text.length < 4 ? 0 : Math.floor(text.length / 4));

function fits(
  { text, alone }: AnchorRule,
  line: string,
  row: Row,
  { start, end }: { readonly start: number; readonly end: number },
): boolean {
  if (!beginsCell(line, row, start)) return false;
  if (alone !== true) return true;
  const next = row.glyphs[end];
  const last = row.glyphs[end - 1];
  // one character may be all that was read of a label whose characters are printed far apart
  if (text.length === 1) {
    if (next === undefined) return false;
    return next.span !== last?.span || (start > 0 && /\s/.test(line.charAt(start - 1)));
  }
  return next === undefined || next.span !== last?.span || /[:\s]/.test(line.charAt(end)) || start > 0;
}

/** Nothing, a gap, punctuation or the beginning of another span stands before it. */
function beginsCell(line: string, row: Row, start: number): boolean {
  if (start === 0) return true;
  if (/[\s:;,.]/.test(line.charAt(start - 1))) return true;
  return row.glyphs[start]?.span !== row.glyphs[start - 1]?.span;
}
