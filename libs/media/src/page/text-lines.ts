import type { Quadrilateral } from '@trivium/contracts/content';
import type { TextLine } from '@trivium/contracts/vision-inference';

/** Text that a file places by itself; corners as in `Quadrilateral`, in pixels of the page's picture. */
export interface TextPiece {
  readonly text: string;
  readonly quadrilateral: Quadrilateral;
}

/** A piece with what grouping looks at: lengths along its own reading direction. */
interface Placed extends TextPiece {
  readonly angle: number;
  readonly start: number;
  readonly end: number;
  readonly level: number;
  readonly height: number;
}

/** Pieces closer than this share of their height touch: no blank is between them. */
const TOUCHES = 0.22;
/** Pieces further apart stand in different columns. */
const SAME_LINE = 0.6;
const SAME_LEVEL = 0.35;
const SAME_ANGLE = 0.02;
/** So many blanks in a row are a column's gap, not a word's. */
const COLUMN_GAP = /\s{2,}/u;

/**
 * Pieces joined to lines, in reading order: top to bottom, left to right within a row; neighbouring
 * columns stay apart. What a file states is not doubted: confidence 1.
 */
export function linesOf(pieces: readonly TextPiece[]): TextLine[] {
  const placed = pieces.flatMap(cutAtGaps).map(place);
  const rows = rowsOf(placed).map(withoutShadows);
  return rows.flatMap((row) => joinNeighbours(row).map(lineOf));
}

function cutAtGaps({ text, quadrilateral }: TextPiece): TextPiece[] {
  if (!COLUMN_GAP.test(text.trim())) return text.trim() === '' ? [] : [{ text, quadrilateral }];
  const total = widthOf(text);
  const parts: TextPiece[] = [];
  for (const match of text.matchAll(/\S+(?:\s\S+)*/gu)) {
    const from = widthOf(text.slice(0, match.index)) / total;
    const to = from + widthOf(match[0]) / total;
    parts.push({ text: match[0], quadrilateral: slice(quadrilateral, from, to) });
  }
  return parts;
}

/** How much room text takes: Chinese characters are twice as wide as Latin ones. */
const widthOf = (text: string): number =>
  Array.from(text).reduce((sum, character) => sum + ((character.codePointAt(0) ?? 0) < 0x2e80 ? 1 : 2), 0);

function slice([topLeft, topRight, bottomRight, bottomLeft]: Quadrilateral, from: number, to: number) {
  const between = (a: readonly [number, number], b: readonly [number, number], share: number) =>
    [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share] as [number, number];
  return [
    between(topLeft, topRight, from),
    between(topLeft, topRight, to),
    between(bottomLeft, bottomRight, to),
    between(bottomLeft, bottomRight, from),
  ] satisfies Quadrilateral;
}

function place(piece: TextPiece): Placed {
  const [topLeft, topRight, bottomRight, bottomLeft] = piece.quadrilateral;
  const angle = Math.atan2(topRight[1] - topLeft[1], topRight[0] - topLeft[0]);
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  const along = ([x, y]: readonly [number, number]): number => x * cosine + y * sine;
  const across = ([x, y]: readonly [number, number]): number => y * cosine - x * sine;
  const height = Math.max(across(bottomLeft) - across(topLeft), 1e-6);
  return {
    ...piece,
    angle,
    start: along(topLeft),
    end: along(topRight),
    level: (across(topLeft) + across(bottomRight)) / 2,
    height,
  };
}

/** Level pieces of the same direction, from left to right; rows from top to bottom. */
function rowsOf(pieces: readonly Placed[]): Placed[][] {
  const rows: { turn: number; level: number; height: number; top: number; pieces: Placed[] }[] = [];
  const turn = ({ angle }: Placed): number => Math.round(angle / SAME_ANGLE);
  const ordered = pieces.toSorted((a, b) => turn(a) - turn(b) || a.level - b.level || a.start - b.start);
  for (const piece of ordered) {
    const row = rows.at(-1);
    const joins =
      row !== undefined &&
      row.turn === turn(piece) &&
      Math.abs(row.level - piece.level) < SAME_LEVEL * Math.min(row.height, piece.height);
    if (joins) row.pieces.push(piece);
    else {
      const { level, height } = piece;
      rows.push({ turn: turn(piece), level, height, top: middleOf(piece), pieces: [piece] });
    }
  }
  return rows
    .toSorted((a, b) => a.top - b.top)
    .map((row) => row.pieces.toSorted((a, b) => a.start - b.start));
}

const middleOf = ({ quadrilateral }: TextPiece): number =>
  quadrilateral.reduce((sum, [, y]) => sum + y, 0) / 4;

/** Some writers print a piece twice, a little apart, to make it bold. */
function withoutShadows(row: readonly Placed[]): Placed[] {
  return row.filter((piece, index) =>
    row
      .slice(Math.max(0, index - 4), index)
      .every(({ text, start, height }) => text !== piece.text || piece.start - start > 0.3 * height),
  );
}

function joinNeighbours(row: readonly Placed[]): Placed[][] {
  const lines: Placed[][] = [];
  for (const piece of row) {
    const before = lines.at(-1)?.at(-1);
    const gap = before === undefined ? Number.POSITIVE_INFINITY : piece.start - before.end;
    const height = Math.min(before?.height ?? 0, piece.height);
    const alike = before !== undefined && Math.max(before.height, piece.height) < 1.6 * height;
    if (alike && gap < SAME_LINE * height && gap > -0.5 * height) lines.at(-1)?.push(piece);
    else lines.push([piece]);
  }
  return lines;
}

function lineOf(pieces: readonly Placed[]): TextLine {
  let text = '';
  let end: Placed | undefined;
  for (const piece of pieces) {
    const apart = end !== undefined && piece.start - end.end > TOUCHES * piece.height;
    text += (apart && !/\s$/u.test(text) ? ' ' : '') + piece.text;
    end = piece;
  }
  const [first, last] = [pieces[0], end];
  if (first === undefined || last === undefined) throw new Error('A line has at least one piece');
  const [topLeft, , , bottomLeft] = first.quadrilateral;
  const [, topRight, bottomRight] = last.quadrilateral;
  return {
    text: text.trim(),
    confidence: 1,
    quadrilateral: [topLeft, topRight, bottomRight, bottomLeft].map(rounded) as Quadrilateral,
  };
}

/** Tenths of a pixel are finer than any print. */
const rounded = ([x, y]: readonly [number, number]): [number, number] => [
  Math.round(x * 10) / 10,
  Math.round(y * 10) / 10,
];
