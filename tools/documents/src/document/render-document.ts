import { drawSeal } from '../drawing/draw-seal.js';
import { Sheet } from '../drawing/sheet.js';
import { photograph } from '../photo/photograph.js';
import type { ComposedDocument } from './document.js';
import type { Degradation } from './splits.js';

const STAMPS = ['财务专用章', '现金付讫', '已报销', '发票专用章'] as const;

/** The document as a photo of the given degradation: JPEG bytes. */
export function renderDocument(
  document: ComposedDocument,
  { photo, stamp }: Degradation,
  seed: number,
): Promise<Buffer> {
  const { width, height, paper } = document;
  // @NOTE drawn a little finer than the photo, so that turning it costs no sharpness
  const scale = Math.min(3, Math.max(1.2, (1.15 * photo.width) / width));
  const { sheet, canvas } = Sheet.create(width, height, scale, paper);
  document.draw(sheet);
  if (stamp) drawStamp(sheet, document.stampAt, seed);
  return photograph(canvas.toBuffer('image/png'), photo, seed);
}

/** Red or blue ink over whatever stands there. */
function drawStamp(sheet: Sheet, [x, y]: readonly [number, number], seed: number): void {
  drawSeal(sheet, {
    x,
    y,
    radiusX: 62,
    radiusY: seed % 2 === 0 ? 62 : 40,
    arc: '样本示例测试专用',
    lines: [STAMPS[seed % STAMPS.length] ?? STAMPS[0]],
    size: 15,
    color: seed % 3 === 0 ? '#3557b0' : '#d0342c',
  });
}
