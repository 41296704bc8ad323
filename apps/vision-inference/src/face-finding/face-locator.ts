import type { Face } from '@trivium/contracts/faces';
import type { Session } from '@trivium/onnx';
import { DETECTOR_SIDE } from '../face-nets/detector-net.js';
import { LANDMARK_SIDE, LANDMARKS } from '../face-nets/landmark-net.js';
import { type Normalisation, Scratch } from '../spotting/planes.js';
import type { Pyramid } from '../spotting/pyramid.js';
import type { Point } from '../spotting/task.js';
import { areaOf, type Candidate, chooseCandidates, withoutOverlap } from './candidates.js';
import { type Box, drawSquare, type Square, squareAround } from './square.js';
import type { FivePoints } from './template.js';
import { closerViews, isWhole, wholeView } from './views.js';

export interface LocatedFace extends Candidate {
  readonly landmarks: FivePoints;
}

/** Faces of one picture that get landmarks: what a photo of a group may hold. */
const MOST_FACES = 64;
/** Faces whose landmarks are found in one run; longer runs gain nothing. */
const RUN_FACES = 8;
/** face-api's own figures. */
const CHOICE = { minConfidence: 0.5, maxOverlap: 0.5, most: MOST_FACES };
const FROM_MINUS_ONE: Normalisation = { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5], order: 'rgb' };
/** The mean colour of the pictures that face-api's networks were trained on. */
export const LESS_MEAN: Normalisation = {
  mean: [122.782 / 255, 117.001 / 255, 104.298 / 255],
  deviation: [1, 1, 1],
  order: 'rgb',
};

/** Where faces are, and where their parts are. */
export class FaceLocator {
  readonly #scratch = new Scratch();

  constructor(
    private readonly detector: Session,
    private readonly landmarks: Session,
  ) {}

  /** In pixels of the picture, largest first. */
  async find(picture: Pyramid): Promise<LocatedFace[]> {
    const boxes = (await this.#boxes(picture)).toSorted((one, other) => areaOf(other) - areaOf(one));
    const faces: LocatedFace[] = [];
    for (let from = 0; from < boxes.length; from += RUN_FACES) {
      const run = boxes.slice(from, from + RUN_FACES);
      for (const [index, landmarks] of (await this.#points(picture, run)).entries()) {
        const box = run[index];
        if (box !== undefined) faces.push({ ...box, landmarks });
      }
    }
    return faces;
  }

  /** In the whole picture; when nobody is in it, in closer views of a large one. */
  async #boxes(picture: Pyramid): Promise<Candidate[]> {
    const { page } = picture;
    const found = await this.#boxesIn(picture, wholeView(page));
    if (found.length > 0 || Math.max(page.width, page.height) <= DETECTOR_SIDE) return found;
    const closer: Candidate[] = [];
    for (const view of closerViews(page)) {
      const boxes = await this.#boxesIn(picture, view);
      closer.push(...boxes.filter((box) => isWhole(box, view, page)));
    }
    return withoutOverlap(closer, CHOICE);
  }

  async #boxesIn(picture: Pyramid, view: Square): Promise<Candidate[]> {
    const { width, height } = picture.page;
    const whole: Box = { left: 0, top: 0, right: width, bottom: height };
    const data = this.#scratch.take(3 * DETECTOR_SIDE * DETECTOR_SIDE);
    drawSquare(picture, view, whole, { data, offset: 0, side: DETECTOR_SIDE }, FROM_MINUS_ONE);
    const { boxes, scores } = await this.detector.run({
      image: { data, dims: [1, 3, DETECTOR_SIDE, DETECTOR_SIDE] },
    });
    if (boxes === undefined || scores === undefined) throw new TypeError('The face detector gave no boxes');
    const place = (share: number, from: number, most: number): number =>
      Math.min(most, Math.max(0, from + share * view.size));
    return chooseCandidates(boxes.data, scores.data, CHOICE)
      .map(({ left, top, right, bottom, confidence }) => ({
        left: place(left, view.left, width),
        top: place(top, view.top, height),
        right: place(right, view.left, width),
        bottom: place(bottom, view.top, height),
        confidence,
      }))
      .filter((box) => areaOf(box) > 1);
  }

  async #points(picture: Pyramid, boxes: readonly Box[]): Promise<FivePoints[]> {
    const each = 3 * LANDMARK_SIDE * LANDMARK_SIDE;
    const data = this.#scratch.take(boxes.length * each);
    const squares = boxes.map(squareAround);
    for (const [index, box] of boxes.entries()) {
      const room = { data, offset: index * each, side: LANDMARK_SIDE };
      drawSquare(picture, squares[index] ?? squareAround(box), box, room, LESS_MEAN);
    }
    const { points } = await this.landmarks.run({
      image: { data, dims: [boxes.length, 3, LANDMARK_SIDE, LANDMARK_SIDE] },
    });
    if (points === undefined) throw new TypeError('The landmark network gave no points');
    return squares.map((square, index) =>
      fivePointsOf(points.data.subarray(index * LANDMARKS * 2, (index + 1) * LANDMARKS * 2), square),
    );
  }
}

/** From the 68 points of the iBUG annotation, as shares of the square. */
function fivePointsOf(points: Float32Array, { left, top, size }: Square): FivePoints {
  const middle = (first: number, last: number): Point => {
    const count = last - first + 1;
    let [x, y] = [0, 0];
    for (let point = first; point <= last; point += 1) {
      x += points[point * 2] ?? 0;
      y += points[point * 2 + 1] ?? 0;
    }
    return [left + (x / count) * size, top + (y / count) * size];
  };
  return [middle(36, 41), middle(42, 47), middle(30, 30), middle(48, 48), middle(54, 54)];
}

/** As the contract tells it, rounded to a tenth of a pixel. */
export function faceOf({ left, top, right, bottom, confidence, landmarks }: LocatedFace): Face {
  const tenth = (value: number): number => Math.round(value * 10) / 10;
  const place = ([x, y]: Point): [number, number] => [tenth(x), tenth(y)];
  const [leftEye, rightEye, nose, leftMouth, rightMouth] = landmarks;
  return {
    quadrilateral: [place([left, top]), place([right, top]), place([right, bottom]), place([left, bottom])],
    confidence: Math.min(1, confidence),
    landmarks: [place(leftEye), place(rightEye), place(nose), place(leftMouth), place(rightMouth)],
  };
}
