import type { PageViewport, PDFPageProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';
import type { Quadrilateral } from '@trivium/contracts/content';
import { plainCharacters } from './text-layer.js';
import type { TextPiece } from '../page/text-lines.js';

type TextContent = Awaited<ReturnType<PDFPageProxy['getTextContent']>>;
type TextItem = Extract<TextContent['items'][number], { str: string }>;
type Point = readonly [number, number];

/** Ink of Chinese characters and of Latin ones with descenders, in sizes of the font. */
const ASCENT = { least: 0.62, usual: 0.86, most: 0.92 };
const DESCENT = { least: 0.08, usual: 0.14, most: 0.24 };

/**
 * The text that the page stores, piece by piece, with its place in the picture that `viewport` makes of
 * the page. Null when there are more than `maxPieces`: nobody reads such a page.
 */
export async function piecesOf(
  page: PDFPageProxy,
  viewport: PageViewport,
  maxPieces: number,
): Promise<TextPiece[] | null> {
  const pieces: TextPiece[] = [];
  let count = 0;
  const reader = (page.streamTextContent() as ReadableStream<TextContent>).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    for (const item of part.value.items) {
      if (!('str' in item)) continue;
      count += 1;
      if (count > maxPieces) {
        await reader.cancel(new Error('too much text'));
        return null;
      }
      if (item.str.trim() === '') continue;
      const quadrilateral = cornersOf(item, part.value.styles[item.fontName], viewport);
      if (isSeen(quadrilateral, viewport)) pieces.push({ text: plainCharacters(item.str), quadrilateral });
    }
  }
  return pieces;
}

function cornersOf(
  { transform, width, height }: TextItem,
  style: TextContent['styles'][string] | undefined,
  viewport: PageViewport,
): Quadrilateral {
  const [a = 0, b = 0, c = 0, d = 0, x = 0, y = 0] = transform as number[];
  const size = Math.hypot(c, d) || Math.hypot(a, b);
  const up: Point = size === 0 ? [0, 1] : [c / size, d / size];
  const length = Math.hypot(a, b);
  const along: Point = length === 0 ? [up[1], -up[0]] : [a / length, b / length];
  const at = (forward: number, upward: number): [number, number] => {
    const user = [x + along[0] * forward + up[0] * upward, y + along[1] * forward + up[1] * upward] as const;
    const [deviceX = 0, deviceY = 0] = viewport.convertToViewportPoint(...user) as number[];
    return [deviceX, deviceY];
  };
  if (style?.vertical === true) {
    return [at(-size / 2, 0), at(size / 2, 0), at(size / 2, -height), at(-size / 2, -height)];
  }
  const ascent = size * within(ASCENT, style?.ascent);
  const descent = size * within(DESCENT, style?.descent === undefined ? undefined : -style.descent);
  return [at(0, ascent), at(width, ascent), at(width, -descent), at(0, -descent)];
}

/** Fonts state the room of a line, or nothing at all; what is wanted is the room of the ink. */
function within({ least, usual, most }: typeof ASCENT, stated: number | null | undefined): number {
  return stated == null || !(stated > 0) ? usual : Math.min(Math.max(stated, least), most);
}

/** In pixels; smaller print is none. */
const SMALLEST = 0.5;

/** What lies beside the page or has no extent cannot be seen, so it is no text of the page. */
function isSeen(corners: Quadrilateral, { width, height }: PageViewport): boolean {
  const [[left, top], [right, rightTop], , [bottomLeft, bottom]] = corners;
  const extent = Math.min(
    Math.hypot(right - left, rightTop - top),
    Math.hypot(bottomLeft - left, bottom - top),
  );
  const x = corners.reduce((sum, [value]) => sum + value, 0) / 4;
  const y = corners.reduce((sum, [, value]) => sum + value, 0) / 4;
  return extent >= SMALLEST && x >= 0 && y >= 0 && x <= width && y <= height;
}
