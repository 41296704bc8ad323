import { Decimal } from 'decimal.js';
import { foldText } from '../layout/fold-character.js';

/** What parts whole from fraction: 1,234.56 or 1.234,56. */
export type DecimalMark = '.' | ',';

/** A printed amount in a text: its digits with what groups and parts them, signs of currency aside. */
export const MONEY_PATTERN = /-?\d[\d.,' ]*\d|-?\d/;

/** Which mark this amount shows by itself; null where it could be either, as in 1,234. */
function markOf(figures: string): DecimalMark | null {
  const last = /[.,](?=\d*$)/.exec(figures);
  if (last === null) return null;
  const [mark] = last as unknown as [DecimalMark];
  const digits = figures.length - last.index - 1;
  const others = figures.slice(0, last.index).replace(/\d/g, '');
  if (others.includes(mark)) return null; // 1,234,567 groups thrice: no fraction is printed
  if (others !== '') return mark; // 1.234,56
  return digits === 3 ? null : mark;
}

/** The mark of a page, from all its amounts; null when none tells or two contradict each other. */
export function decimalMarkOf(amounts: readonly string[]): DecimalMark | null {
  const marks = new Set(amounts.map(figuresOf).map(markOf));
  marks.delete(null);
  const [mark = null] = marks;
  return marks.size === 1 ? mark : null;
}

/**
 * The number in a printed amount, null when the text is not exactly one number or could be two: 1,234 is
 * a thousand on one page and one and a bit on another, so without a `mark` it is neither.
 */
export function parseMoney(text: string, mark: DecimalMark | null): Decimal | null {
  const figures = figuresOf(text);
  const own = markOf(figures);
  if (mark !== null && own !== null && own !== mark) return null;
  const decided = mark ?? own;
  if (decided === null) return /^-?\d+$/.test(figures) ? new Decimal(figures) : null;
  const group = decided === '.' ? ',' : '\\.';
  const form = new RegExp(`^(-?)(\\d{1,3}(?:[${group}' ]\\d{3})+|\\d+)(?:\\${decided}(\\d+))?$`);
  const match = form.exec(figures);
  if (match === null) return null;
  const [, sign = '', whole = '', fraction = ''] = match;
  return new Decimal(`${sign}${whole.replace(/\D/g, '')}.${fraction || '0'}`);
}

/** Without currency; an amount in brackets is taken off. */
function figuresOf(text: string): string {
  const bare = foldText(text)
    .replace(/[\p{Sc}]|\b[A-Z]{3}\b|[A-Z]{1,2}(?=\p{Sc})/gu, '')
    .trim();
  const bracketed = /^\((.*)\)$/.exec(bare)?.[1];
  return bracketed === undefined ? bare.replace(/^- /, '-') : `-${bracketed.trim()}`;
}
