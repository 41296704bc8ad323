import type { Point } from '../spotting/task.js';

/** Left eye, right eye, tip of the nose, left and right corner of the mouth, as seen in the picture. */
export type FivePoints = readonly [Point, Point, Point, Point, Point];

/** Where the five points of a face lie in the square that a network was trained on. */
export interface Template {
  readonly side: number;
  readonly points: FivePoints;
}

const DLIB_SIDE = 150;
/** Of the width of the mean face, left free on each side. */
const DLIB_PADDING = 0.25;

/** From the unit square of dlib's mean face to the pixels of its face chip. */
const onChip = (x: number, y: number): Point => {
  const place = (share: number): number => ((DLIB_PADDING + share) / (1 + 2 * DLIB_PADDING)) * DLIB_SIDE;
  return [place(x), place(y)];
};

export const TEMPLATES = {
  /**
   * dlib's mean face (`get_face_chip_details`, 150 pixels, padding 0.25). The eyes are the means of its six points
   * each.
   */
  dlib: {
    side: DLIB_SIDE,
    points: [
      onChip(0.225492, 0.21599),
      onChip(0.754761, 0.21599),
      onChip(0.490127, 0.515625),
      onChip(0.254149, 0.780233),
      onChip(0.726104, 0.780233),
    ],
  },
  /** What InsightFace aligns to for its networks of 112 pixels. */
  arcface: {
    side: 112,
    points: [
      [38.2946, 51.6963],
      [73.5318, 51.5014],
      [56.0252, 71.7366],
      [41.5493, 92.3655],
      [70.7299, 92.2041],
    ],
  },
} as const satisfies Record<string, Template>;
export type TemplateName = keyof typeof TEMPLATES;
