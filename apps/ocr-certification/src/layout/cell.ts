import { heightOf, widthOf } from './geometry.js';
import type { Row } from './row.js';
import type { Span } from './straighten.js';

/** Spans of a row that stand close together, with the numbers of their lines. */
export interface Cell {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly spans: readonly Span[];
}

/** A gap of this many line heights parts two cells. */
const PARTS = 0.9;

/** The cells of a row, from left to right. */
export function cellsOf({ spans }: Pick<Row, 'spans'>): Cell[] {
  const groups: Span[][] = [];
  for (const span of spans.toSorted((a, b) => a.box.left - b.box.left)) {
    const group = groups.at(-1);
    const before = group?.at(-1);
    const height = Math.min(heightOf(span.box), before === undefined ? 0 : heightOf(before.box));
    if (before !== undefined && span.box.left - before.box.right < PARTS * height) group?.push(span);
    else groups.push([span]);
  }
  return groups.map((group) => ({
    text: group.reduce((text, span) => joinTexts(text, span.text), ''),
    left: Math.min(...group.map(({ box }) => box.left)),
    right: Math.max(...group.map(({ box }) => box.right)),
    top: Math.min(...group.map(({ box }) => box.top)),
    bottom: Math.max(...group.map(({ box }) => box.bottom)),
    spans: group,
  }));
}

/** Chinese goes on without a blank. */
export function joinTexts(first: string, second: string): string {
  const blank =
    first !== '' && second !== '' && !/[\u2e80-\uffef]$/u.test(first) && !/^[\u2e80-\uffef]/u.test(second);
  return `${first}${blank ? ' ' : ''}${second}`;
}

/** Height of most of the print, by its length. */
export function usualHeight(spans: readonly Span[]): number {
  const sorted = spans.toSorted((a, b) => heightOf(a.box) - heightOf(b.box));
  const total = sorted.reduce((sum, { box }) => sum + widthOf(box), 0);
  let passed = 0;
  for (const { box } of sorted) {
    passed += widthOf(box);
    if (passed >= total / 2) return heightOf(box);
  }
  return 1;
}
