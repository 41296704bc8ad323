import { OPS, type PDFPageProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';
import type { TextLayerCount } from './text-layer.js';

export interface Painting extends Pick<TextLayerCount, 'invisibleShare' | 'pictureShare'> {
  /** Anything but text is painted: rules, a seal, a code. */
  readonly drawn: boolean;
}
type Matrix = readonly [number, number, number, number];

interface State {
  readonly matrix: Matrix;
  readonly textMode: number;
}

const START: State = { matrix: [1, 0, 0, 1], textMode: 0 };
const PICTURES: ReadonlySet<number> = new Set([
  OPS.paintImageXObject,
  OPS.paintImageXObjectRepeat,
  OPS.paintInlineImageXObject,
  OPS.paintImageMaskXObject,
]);
/** Text rendering modes that leave no ink: invisible, and clipping alone. */
const INVISIBLE: ReadonlySet<number> = new Set([3, 7]);

/** How the page is painted, by its list of operations; nothing is drawn. */
export async function paintingOf(page: PDFPageProxy): Promise<Painting> {
  const { fnArray, argsArray } = await page.getOperatorList();
  const [left = 0, bottom = 0, right = 0, top = 0] = page.view;
  const area = Math.abs((right - left) * (top - bottom));
  let state: State = START;
  const saved: State[] = [];
  let glyphs = 0;
  let invisible = 0;
  let painted = 0;
  let drawn = false;
  for (const [index, operation] of fnArray.entries()) {
    const args = argsArray[index] as readonly unknown[] | null;
    switch (operation) {
      case OPS.save:
        saved.push(state);
        break;
      case OPS.restore:
      case OPS.paintFormXObjectEnd:
        state = saved.pop() ?? START;
        break;
      case OPS.paintFormXObjectBegin:
        saved.push(state);
        state = { ...state, matrix: within(state.matrix, args?.[0]) };
        break;
      case OPS.transform:
        state = { ...state, matrix: within(state.matrix, args) };
        break;
      case OPS.setTextRenderingMode:
        state = { ...state, textMode: Number(args?.[0]) };
        break;
      case OPS.showText: {
        const shown = (args?.[0] as readonly unknown[] | undefined)?.length ?? 0;
        glyphs += shown;
        if (INVISIBLE.has(state.textMode)) invisible += shown;
        break;
      }
      default:
        if (PICTURES.has(operation)) painted += areaOf(state.matrix);
        drawn ||= PICTURES.has(operation) || operation === OPS.constructPath;
    }
  }
  return {
    invisibleShare: glyphs === 0 ? 0 : invisible / glyphs,
    pictureShare: Math.min(1, painted / area),
    drawn,
  };
}

/** Of the unit square, which pictures are drawn into. */
const areaOf = ([a, b, c, d]: Matrix): number => Math.abs(a * d - b * c);

/** The part of a transformation that says how large things come out. */
function within([a, b, c, d]: Matrix, inner: unknown): Matrix {
  if (inner == null) return [a, b, c, d];
  const [e = 1, f = 0, g = 0, h = 1] = Array.from(inner as ArrayLike<number>);
  return [a * e + c * f, b * e + d * f, a * g + c * h, b * g + d * h];
}
