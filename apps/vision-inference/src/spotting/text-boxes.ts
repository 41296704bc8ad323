import { EndType, inflatePathsD, JoinType } from 'clipper2-ts';
import type { OpenCv } from './opencv.js';
import type { Corners, Point } from './task.js';

export interface BoxOptions {
  /** Probability from which a pixel counts as text. */
  readonly pixelThreshold: number;
  /** Mean probability from which a box counts as text. */
  readonly boxThreshold: number;
  /** The detector learned shrunken text: boxes grow by area × ratio ÷ perimeter. */
  readonly unclipRatio: number;
  readonly maxCandidates: number;
  /** Boxes thinner than this many pixels are noise. */
  readonly minSide: number;
}

/**
 * PaddleOCR's post-processing of the DB detector, but for the ratio, which is 1.5 there: at 1.8 fewer lines
 * lose their first sign, and the taller boxes hold a tenth fewer columns to read.
 */
export const BOX_OPTIONS: BoxOptions = {
  pixelThreshold: 0.3,
  boxThreshold: 0.6,
  unclipRatio: 1.8,
  maxCandidates: 1000,
  minSide: 3,
};

interface Box {
  readonly corners: Corners;
  readonly shortSide: number;
}

/** Text boxes of a probability map, in the map's pixels. */
export function findTextBoxes(
  cv: OpenCv,
  probability: Float32Array,
  width: number,
  height: number,
  options: BoxOptions = BOX_OPTIONS,
): Corners[] {
  const boxes: Corners[] = [];
  for (const outline of outlineBoxes(cv, probability, width, height, options)) {
    if (outline.shortSide < options.minSide) continue;
    if (meanInside(probability, width, height, outline.corners) < options.boxThreshold) continue;
    const grown = grow(cv, outline.corners, options.unclipRatio);
    if (grown !== undefined && grown.shortSide >= options.minSide + 2) boxes.push(grown.corners);
  }
  return boxes;
}

function outlineBoxes(
  cv: OpenCv,
  probability: Float32Array,
  width: number,
  height: number,
  { pixelThreshold, maxCandidates }: BoxOptions,
): Box[] {
  const mask = new cv.Mat(height, width, cv.CV_8UC1);
  const contours = new cv.MatVector();
  const hierarchy = new cv.Mat();
  try {
    const pixels: Uint8Array = mask.data;
    for (let index = 0; index < pixels.length; index += 1) {
      pixels[index] = (probability[index] ?? 0) > pixelThreshold ? 1 : 0;
    }
    cv.findContours(mask, contours, hierarchy, cv.RETR_LIST, cv.CHAIN_APPROX_SIMPLE);
    const count = Math.min(Number(contours.size()), maxCandidates);
    return Array.from({ length: count }, (_, index) => {
      const contour = contours.get(index);
      const box = smallestBox(cv, contour);
      contour.delete();
      return box;
    });
  } finally {
    mask.delete();
    contours.delete();
    hierarchy.delete();
  }
}

type Contour = Parameters<OpenCv['minAreaRect']>[0];

function smallestBox(cv: OpenCv, contour: Contour): Box {
  const rectangle = cv.minAreaRect(contour);
  const corners = cv.RotatedRect.points(rectangle).map(({ x, y }): Point => [x, y]);
  return {
    corners: clockwiseFromTopLeft(corners),
    shortSide: Math.min(rectangle.size.width, rectangle.size.height),
  };
}

/** The two leftmost corners are the left side, upper first; likewise the right. */
function clockwiseFromTopLeft(corners: readonly Point[]): Corners {
  const [first, second, third, fourth] = [...corners].sort(([x1], [x2]) => x1 - x2);
  if (first === undefined || second === undefined || third === undefined || fourth === undefined) {
    throw new RangeError('A box has four corners');
  }
  const [topLeft, bottomLeft] = second[1] > first[1] ? [first, second] : [second, first];
  const [topRight, bottomRight] = fourth[1] > third[1] ? [third, fourth] : [fourth, third];
  return [topLeft, topRight, bottomRight, bottomLeft];
}

function grow(cv: OpenCv, corners: Corners, ratio: number): Box | undefined {
  const [topLeft, topRight, , bottomLeft] = corners;
  const across = distance(topLeft, topRight);
  const down = distance(topLeft, bottomLeft);
  const offset = (across * down * ratio) / (2 * (across + down));
  const path = corners.map(([x, y]) => ({ x, y }));
  const [outline] = inflatePathsD([path], offset, JoinType.Round, EndType.Polygon);
  if (outline === undefined) return undefined;
  const points = cv.matFromArray(
    outline.length,
    1,
    cv.CV_32FC2,
    outline.flatMap(({ x, y }) => [x, y]),
  );
  try {
    return smallestBox(cv, points);
  } finally {
    points.delete();
  }
}

/** Mean of the map over the pixels whose centres lie inside a convex outline. */
export function meanInside(map: Float32Array, width: number, height: number, corners: Corners): number {
  const [[, y0], [, y1], [, y2], [, y3]] = corners;
  const top = Math.max(0, Math.floor(Math.min(y0, y1, y2, y3)));
  const bottom = Math.min(height - 1, Math.ceil(Math.max(y0, y1, y2, y3)));
  let sum = 0;
  let count = 0;
  for (let y = top; y <= bottom; y += 1) {
    let from = Number.POSITIVE_INFINITY;
    let to = Number.NEGATIVE_INFINITY;
    for (let index = 0; index < 4; index += 1) {
      const [startX, startY] = corners[index] ?? corners[0];
      const [endX, endY] = corners[(index + 1) % 4] ?? corners[0];
      if (y < Math.min(startY, endY) || y > Math.max(startY, endY)) continue;
      const level = startY === endY;
      const crossing = level ? startX : startX + ((endX - startX) * (y - startY)) / (endY - startY);
      from = Math.min(from, crossing, level ? endX : crossing);
      to = Math.max(to, crossing, level ? endX : crossing);
    }
    const last = Math.min(width - 1, Math.floor(to));
    for (let x = Math.max(0, Math.ceil(from)); x <= last; x += 1) {
      sum += map[y * width + x] ?? 0;
      count += 1;
    }
  }
  return count === 0 ? 0 : sum / count;
}

export function distance([x1, y1]: Point, [x2, y2]: Point): number {
  return Math.hypot(x2 - x1, y2 - y1);
}
