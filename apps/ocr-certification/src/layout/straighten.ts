import type { Quadrilateral } from '@trivium/contracts/content';
import type { TextLine } from '@trivium/contracts/vision-inference';
import { type Box, type Corners, median, moveCorners, type Point } from './geometry.js';

/** A text line with its place on the page as if the page lay straight and flat. */
export interface Span {
  readonly text: string;
  readonly confidence: number;
  /** In the picture, as the reader gave it. */
  readonly quadrilateral: Quadrilateral;
  readonly box: Box;
}

type Transform = (point: Point) => Point;

/** How a text baseline runs at one place of the page. */
interface Baseline {
  readonly x: number;
  readonly y: number;
  readonly slope: number;
  readonly weight: number;
}

/** Only lines this many times as long as high say anything about the page's angle. */
const TELLING_LENGTH = 3;
const FEWEST_BASELINES = 6;

/**
 * Turns the page by the direction its own lines run in, upside down included, then takes out what
 * perspective leaves: baselines whose slope changes over the page.
 */
export function straighten(lines: readonly TextLine[]): Span[] {
  const turn = turnBy(-directionOf(lines));
  const flatten = flattenBy(lines.flatMap(({ quadrilateral }) => baselineOf(quadrilateral, turn)));
  return lines.map(({ text, confidence, quadrilateral }) => ({
    text,
    confidence,
    quadrilateral,
    box: boxOf(quadrilateral, (point) => flatten(turn(point))),
  }));
}

/** Mean direction, each line counted by its length squared: long lines know it best. */
function directionOf(lines: readonly TextLine[]): number {
  let x = 0;
  let y = 0;
  for (const { quadrilateral } of lines) {
    const [along, down] = readingVector(quadrilateral);
    const length = Math.hypot(along, down);
    x += along * length;
    y += down * length;
  }
  return x === 0 && y === 0 ? 0 : Math.atan2(y, x);
}

function readingVector([topLeft, topRight, bottomRight, bottomLeft]: Corners): Point {
  return [
    (topRight[0] - topLeft[0] + bottomRight[0] - bottomLeft[0]) / 2,
    (topRight[1] - topLeft[1] + bottomRight[1] - bottomLeft[1]) / 2,
  ];
}

function turnBy(angle: number): Transform {
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  return ([x, y]) => [x * cosine - y * sine, x * sine + y * cosine];
}

function baselineOf(quadrilateral: Quadrilateral, turn: Transform): Baseline[] {
  const turned = moveCorners(quadrilateral, turn);
  const [along, down] = readingVector(turned);
  const [topLeft, , , bottomLeft] = turned;
  const height = Math.hypot(bottomLeft[0] - topLeft[0], bottomLeft[1] - topLeft[1]);
  if (along < height * TELLING_LENGTH) return [];
  const x = turned.reduce((sum, [value]) => sum + value, 0) / 4;
  const y = turned.reduce((sum, [, value]) => sum + value, 0) / 4;
  return [{ x, y, slope: down / along, weight: along * along }];
}

/** Fits `slope = a + b x + c y` and follows each baseline back to the middle of the page. */
function flattenBy(baselines: readonly Baseline[]): Transform {
  if (baselines.length < FEWEST_BASELINES) return (point) => point;
  const middleX = mean(baselines.map(({ x }) => x));
  const middleY = mean(baselines.map(({ y }) => y));
  const reach = Math.max(...baselines.map(({ x, y }) => Math.hypot(x - middleX, y - middleY)), 1);
  let kept = baselines.map((baseline) => ({
    ...baseline,
    x: (baseline.x - middleX) / reach,
    y: (baseline.y - middleY) / reach,
  }));
  let plane: Plane = [0, 0, 0];
  for (let round = 0; round < 3; round += 1) {
    plane = fitPlane(kept);
    const errors = kept.map((baseline) => Math.abs(baseline.slope - slopeAt(plane, baseline)));
    const limit = Math.max(3 * median(errors), 0.002);
    const close = kept.filter((_, index) => (errors[index] ?? 0) <= limit);
    if (close.length < FEWEST_BASELINES || close.length === kept.length) break;
    kept = close;
  }
  const [a, b, c] = plane;
  return ([pageX, pageY]) => {
    const x = (pageX - middleX) / reach;
    const y = (pageY - middleY) / reach;
    const flat = (y - a * x - (b * x * x) / 2) * Math.exp(-c * x);
    return [pageX, flat * reach + middleY];
  };
}

type Plane = readonly [number, number, number];

const slopeAt = ([a, b, c]: Plane, { x, y }: { x: number; y: number }): number => a + b * x + c * y;

/** Weighted least squares; a little ridge keeps the tilt terms at zero when the page does not show them. */
function fitPlane(baselines: readonly Baseline[]): Plane {
  const total = baselines.reduce((sum, { weight }) => sum + weight, 0);
  const moment = (pick: (baseline: Baseline) => number): number =>
    baselines.reduce((sum, baseline) => sum + baseline.weight * pick(baseline), 0) / total;
  const ridge = 1e-3;
  const x = moment((line) => line.x);
  const y = moment((line) => line.y);
  const slope = moment((line) => line.slope);
  const xx = moment((line) => (line.x - x) ** 2) + ridge;
  const yy = moment((line) => (line.y - y) ** 2) + ridge;
  const xy = moment((line) => (line.x - x) * (line.y - y));
  const xs = moment((line) => (line.x - x) * (line.slope - slope));
  const ys = moment((line) => (line.y - y) * (line.slope - slope));
  const determinant = xx * yy - xy * xy;
  const b = (xs * yy - ys * xy) / determinant;
  const c = (ys * xx - xs * xy) / determinant;
  return [slope - b * x - c * y, b, c];
}

function boxOf(quadrilateral: Quadrilateral, place: Transform): Box {
  const placed = moveCorners(quadrilateral, place);
  const [along, down] = readingVector(placed);
  // @NOTE a lone figure is as high as it is wide, and the reader may take its side for its top
  if (Math.abs(down) > along) return surroundingBox(placed);
  const [topLeft, topRight, bottomRight, bottomLeft] = placed;
  return {
    left: (topLeft[0] + bottomLeft[0]) / 2,
    right: (topRight[0] + bottomRight[0]) / 2,
    top: (topLeft[1] + topRight[1]) / 2,
    bottom: (bottomLeft[1] + bottomRight[1]) / 2,
  };
}

function surroundingBox(corners: Corners): Box {
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
