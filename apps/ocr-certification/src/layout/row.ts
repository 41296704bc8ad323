import type { Quadrilateral } from '@trivium/contracts/content';
import { foldCharacter, relativeWidth } from './fold-character.js';
import { heightOf, middleOf, sliceQuadrilateral, spanQuadrilaterals, widthOf } from './geometry.js';
import type { Span } from './straighten.js';

/** One printed character of a row, or the gap between two spans (then `span` is null). */
export interface Glyph {
  readonly character: string;
  readonly folded: string;
  readonly left: number;
  readonly right: number;
  readonly span: Span | null;
  /** Where the character begins and ends, as shares of its span's length. */
  readonly from: number;
  readonly to: number;
}

/** Text cut out of a row, with its place in the picture. */
export interface Reading {
  readonly text: string;
  readonly folded: string;
  readonly confidence: number;
  readonly quadrilateral: Quadrilateral;
  readonly left: number;
  readonly right: number;
}

/** Gaps wider than this share of the line height become a blank. */
const BLANK = 0.5;
/** A span this much higher than wide is written from top to bottom. */
const UPRIGHT = 1.4;

/** Spans side by side, read as one text whose every character knows where it stands. */
export class Row {
  readonly glyphs: readonly Glyph[];
  /** Folded, one UTF-16 unit for each glyph. */
  readonly text: string;
  readonly middle: number;
  readonly height: number;

  constructor(readonly spans: readonly Span[]) {
    this.height = Math.max(...spans.map(({ box }) => heightOf(box)));
    const length = spans.reduce((sum, { box }) => sum + widthOf(box), 0);
    this.middle = spans.reduce((sum, { box }) => sum + middleOf(box) * widthOf(box), 0) / (length || 1);
    this.glyphs = glyphsOf(spans.toSorted((a, b) => a.box.left - b.box.left));
    this.text = this.glyphs.map(({ folded }) => folded).join('');
  }

  /** The characters from `start` to before `end` without blanks around them, or null when none are left. */
  read(start: number, end: number): Reading | null {
    let [from, to] = [start, Math.min(end, this.glyphs.length)];
    while (from < to && isBlank(this.glyphs[from])) from += 1;
    while (to > from && isBlank(this.glyphs[to - 1])) to -= 1;
    const cut = this.glyphs.slice(from, to);
    const printed = cut.filter((glyph) => glyph.span !== null);
    const [first, last] = [printed[0], printed.at(-1)];
    if (first?.span == null || last?.span == null) return null;
    const quadrilateral =
      first.span === last.span
        ? sliceQuadrilateral(first.span.quadrilateral, first.from, last.to)
        : spanQuadrilaterals(
            sliceQuadrilateral(first.span.quadrilateral, first.from, 1),
            sliceQuadrilateral(last.span.quadrilateral, 0, last.to),
          );
    return {
      text: cut.map(({ character }) => character).join(''),
      folded: cut.map(({ folded }) => folded).join(''),
      confidence: Math.min(...printed.map((glyph) => glyph.span?.confidence ?? 1)),
      quadrilateral,
      left: first.left,
      right: last.right,
    };
  }

  /** Width of the gap that a blank stands for, in line heights; 0 for a blank inside a span. */
  gapAt(index: number): number {
    const glyph = this.glyphs[index];
    return glyph === undefined || glyph.span !== null ? 0 : (glyph.right - glyph.left) / this.height;
  }
}

/** Groups spans whose middles are level; columns of upright text belong to no row. */
export function rowsOf(spans: readonly Span[]): Row[] {
  const groups: { middle: number; height: number; spans: Span[] }[] = [];
  const level = spans.filter(({ box, text }) => heightOf(box) < widthOf(box) * UPRIGHT || text.length === 1);
  for (const span of level.toSorted((a, b) => widthOf(b.box) - widthOf(a.box))) {
    const middle = middleOf(span.box);
    const nearest = groups
      .filter((group) => Math.abs(group.middle - middle) < 0.5 * group.height)
      .sort((a, b) => Math.abs(a.middle - middle) - Math.abs(b.middle - middle))[0];
    if (nearest === undefined) groups.push({ middle, height: heightOf(span.box), spans: [span] });
    else nearest.spans.push(span);
  }
  return groups.map((group) => new Row(group.spans)).sort((a, b) => a.middle - b.middle);
}

function glyphsOf(spans: readonly Span[]): Glyph[] {
  const glyphs: Glyph[] = [];
  let height = 0;
  for (const span of spans) {
    const own = charactersOf(span);
    const before = glyphs.at(-1);
    height = Math.max(height, heightOf(span.box));
    if (before !== undefined) {
      const gap = span.box.left - before.right;
      if (gap < -0.15 * height && own[0]?.folded === before.folded) own.shift();
      if (gap > BLANK * height) glyphs.push(blank(before.right, span.box.left));
    }
    glyphs.push(...own);
  }
  return glyphs;
}

function charactersOf(span: Span): Glyph[] {
  const characters = Array.from(span.text).filter((character) => character.length === 1);
  const widths = characters.map(relativeWidth);
  const total = widths.reduce((sum, width) => sum + width, 0) || 1;
  const length = widthOf(span.box);
  let passed = 0;
  return characters.map((character, index) => {
    const from = passed / total;
    passed += widths[index] ?? 0;
    const to = passed / total;
    return {
      character,
      folded: /\s/.test(character) ? ' ' : foldCharacter(character),
      left: span.box.left + from * length,
      right: span.box.left + to * length,
      span,
      from,
      to,
    };
  });
}

const blank = (left: number, right: number): Glyph => ({
  character: ' ',
  folded: ' ',
  left,
  right,
  span: null,
  from: 0,
  to: 0,
});

const isBlank = (glyph: Glyph | undefined): boolean => glyph === undefined || glyph.folded === ' ';
