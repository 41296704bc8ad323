import type { Quadrilateral } from '@trivium/contracts/content';
import type { TextPiece } from '../page/text-lines.js';
import { type Element, walkXml } from './walk-xml.js';

export interface PageContent {
  readonly pieces: readonly TextPiece[];
  readonly pictures: number;
  /** Templates whose content lies under or over the page's own. */
  readonly templates: readonly string[];
  /** Width and height in millimetres, where the page has an area of its own. */
  readonly size: PageSize | null;
}

export interface PageSize {
  readonly width: number;
  readonly height: number;
}

/** More characters than a page may place. */
export class TooMuchText extends Error {}

/** Millimetres; a text object's own coordinates are turned and moved by `matrix` and then by `left`, `top`. */
interface TextObject {
  readonly matrix: readonly number[];
  readonly left: number;
  readonly top: number;
  readonly size: number;
  readonly hidden: boolean;
}

/** Ink above and below the baseline, in sizes of the font. */
const ASCENT = 0.86;
const DESCENT = 0.14;

/** Every character of a page's or template's content, placed in pixels at `scale` pixels per millimetre. */
export function readContent(
  xml: string,
  scale: number,
  limits: { readonly maxDepth: number; readonly maxCharacters: number },
): PageContent {
  const pieces: TextPiece[] = [];
  const templates: string[] = [];
  let pictures = 0;
  let size: PageSize | null = null;
  let object: TextObject | null = null;
  walkXml(xml, limits.maxDepth, {
    open: (element) => {
      if (element.name === 'TextObject') object = textObjectOf(element);
      if (element.name === 'ImageObject') pictures += 1;
      if (element.name === 'Template') templates.push(element.attributes['TemplateID'] ?? '');
    },
    close: (element, text, path) => {
      if (element.name === 'PhysicalBox' && path.includes('Area')) size ??= sizeOf(text);
      if (element.name === 'TextObject') object = null;
      if (element.name !== 'TextCode' || object === null || object.hidden) return;
      pieces.push(...placeCharacters(text, element.attributes, object, scale));
      if (pieces.length > limits.maxCharacters) throw new TooMuchText();
    },
  });
  return { pieces, pictures, templates, size };
}

function textObjectOf({ attributes }: Element): TextObject {
  const [left = 0, top = 0] = numbersOf(attributes['Boundary']);
  const matrix = numbersOf(attributes['CTM']);
  return {
    left,
    top,
    matrix: matrix.length === 6 ? matrix : [1, 0, 0, 1, 0, 0],
    size: Number(attributes['Size'] ?? Number.NaN),
    hidden: attributes['Visible'] === 'false' || attributes['Alpha'] === '0',
  };
}

/** One piece for each character but blanks; `DeltaX` and `DeltaY` say how far it is to the next. */
function placeCharacters(
  text: string,
  attributes: Element['attributes'],
  { matrix, left, top, size }: TextObject,
  scale: number,
): TextPiece[] {
  const characters = Array.from(text.trim());
  const along = deltasOf(attributes['DeltaX'], characters.length);
  const down = deltasOf(attributes['DeltaY'], characters.length);
  const [a = 1, b = 0, c = 0, d = 1, e = 0, f = 0] = matrix;
  const at = (x: number, y: number): [number, number] => [
    (a * x + c * y + e + left) * scale,
    (b * x + d * y + f + top) * scale,
  ];
  let x = Number(attributes['X'] ?? 0);
  let y = Number(attributes['Y'] ?? 0);
  const pieces: TextPiece[] = [];
  for (const [index, character] of characters.entries()) {
    const natural = size * widthOf(character);
    const step = along[index] ?? (attributes['DeltaY'] === undefined ? natural : 0);
    const width = step > 0 ? Math.min(natural, step) : natural;
    const quadrilateral: Quadrilateral = [
      at(x, y - ASCENT * size),
      at(x + width, y - ASCENT * size),
      at(x + width, y + DESCENT * size),
      at(x, y + DESCENT * size),
    ];
    const isPlaced = quadrilateral.every((corner) => corner.every(Number.isFinite)) && width * size > 0;
    if (isPlaced && character.trim() !== '') pieces.push({ text: character, quadrilateral });
    x += step;
    y += down[index] ?? 0;
  }
  return pieces;
}

const widthOf = (character: string): number => ((character.codePointAt(0) ?? 0) < 0x2e80 ? 0.5 : 1);

/** `3.2 g 4 1.6` is 3.2 and then four times 1.6; no more than the characters need. */
function deltasOf(stated: string | undefined, count: number): number[] {
  const deltas: number[] = [];
  const words = (stated ?? '').trim().split(/\s+/);
  for (let index = 0; index < words.length && deltas.length < count; index += 1) {
    if (words[index] === 'g') {
      const times = Math.min(Number(words[index + 1] ?? 0), count - deltas.length);
      for (let repeated = 0; repeated < times; repeated += 1) deltas.push(Number(words[index + 2]));
      index += 2;
    } else if (words[index] !== '') deltas.push(Number(words[index]));
  }
  return deltas.filter(Number.isFinite);
}

export const numbersOf = (text: string | undefined): number[] =>
  (text ?? '').trim().split(/\s+/).filter(Boolean).map(Number).filter(Number.isFinite);

/** `x y width height`, of a page that has an area; null otherwise. */
export function sizeOf(box: string): PageSize | null {
  const [, , width = 0, height = 0] = numbersOf(box);
  return width > 0 && height > 0 ? { width, height } : null;
}
