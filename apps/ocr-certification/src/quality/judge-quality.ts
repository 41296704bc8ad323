import type { Quality, QualityMeasure, QualityMeasureId } from '@trivium/contracts/certificates';
import type { Quadrilateral } from '@trivium/contracts/content';
import type { DocumentPage } from '@trivium/contracts/ocr-certification';
import { judgeMeasure } from '@trivium/evidence/rules';
import type { PictureFigures } from './measure-picture.js';

export type QualityThresholds = Readonly<Record<QualityMeasureId, number>>;

interface Measured {
  /** Null: the picture gives nothing to measure it by. */
  readonly value: number | null;
  readonly regions: readonly Quadrilateral[];
}

/** What to do about a measure that fails. */
const ADVICE = {
  resolution: 'Take it from closer by, or scan it at a higher resolution.',
  sharpness: 'Take it again without moving, and in focus.',
  glare: 'Take it again without a lamp or window mirrored in the marked places.',
  darkness: 'Take it again in more light.',
  skew: 'Take it again with the document upright.',
  cropped: 'Take it again so that the whole document is in the picture; the marked lines are cut.',
  'screen-pattern': 'It looks like a photograph of a display. Take one of the document itself.',
  noise: 'Take it again in more light, without digital zoom.',
} as const satisfies Record<QualityMeasureId, string>;

const FINE = {
  resolution: 'It is large enough.',
  sharpness: 'It is sharp.',
  glare: 'Nothing is burnt out.',
  darkness: 'It is bright enough.',
  skew: 'It is upright.',
  cropped: 'No line of text is cut by the edge.',
  'screen-pattern': 'There is no sign of a display.',
  noise: 'Even areas are even.',
} as const satisfies Record<QualityMeasureId, string>;

/** Figures of the pixels and places of the text, each against its threshold. */
export function judgeQuality(
  figures: PictureFigures,
  page: DocumentPage,
  thresholds: QualityThresholds,
): Quality {
  const dull = figures.cells.filter(({ sharpness }) => sharpness < thresholds.sharpness);
  const cut = cutLines(page);
  const measured = {
    resolution: { value: Math.max(figures.width, figures.height), regions: [] },
    sharpness: {
      value: figures.cells.length === 0 ? null : figures.sharpness,
      regions: dull.map(({ corners }) => corners),
    },
    glare: { value: figures.glare, regions: figures.glareRegions },
    darkness: { value: figures.paper, regions: [] },
    skew: { value: page.lines.length === 0 ? null : skewOf(page), regions: [] },
    cropped: { value: page.lines.length === 0 ? null : cut.length, regions: cut },
    'screen-pattern': { value: figures.pattern, regions: [] },
    noise: { value: figures.noise, regions: [] },
  } as const satisfies Record<QualityMeasureId, Measured>;
  const ids = Object.keys(measured) as QualityMeasureId[];
  return { page: page.page, measures: ids.map((id) => measureOf(id, measured[id], thresholds[id])) };
}

function measureOf(id: QualityMeasureId, { value, regions }: Measured, threshold: number): QualityMeasure {
  if (value === null) {
    const message = 'The picture gives nothing to measure it by.';
    return { id, status: 'not-applicable', value: 0, threshold, message, regions: [] };
  }
  const rounded = Math.round(value * 10_000) / 10_000;
  const status = judgeMeasure(id, rounded, threshold);
  return status === 'passed'
    ? { id, status, value: rounded, threshold, message: FINE[id], regions: [] }
    : { id, status, value: rounded, threshold, message: ADVICE[id], regions: [...regions] };
}

/** Degrees from upright, of the direction in which the lines run, each counted by its length. */
function skewOf({ lines }: DocumentPage): number {
  let [x, y] = [0, 0];
  for (const { quadrilateral } of lines) {
    const [topLeft, topRight] = quadrilateral;
    const [along, down] = [topRight[0] - topLeft[0], topRight[1] - topLeft[1]];
    const length = Math.hypot(along, down);
    x += along * length;
    y += down * length;
  }
  return Math.abs((Math.atan2(y, x) * 180) / Math.PI);
}

/** Share of the side within which a line counts as cut. */
const EDGE = 0.004;

/** Lines that reach the edge of the picture. */
function cutLines({ lines, width, height }: DocumentPage): Quadrilateral[] {
  const [marginX, marginY] = [width * EDGE, height * EDGE];
  return lines
    .map(({ quadrilateral }) => quadrilateral)
    .filter((corners) =>
      corners.some(
        ([x, y]) => x <= marginX || y <= marginY || x >= width - 1 - marginX || y >= height - 1 - marginY,
      ),
    );
}
