import type { Parallelogram } from '../spotting/planes.js';
import type { Point } from '../spotting/task.js';
import type { Template } from './template.js';

/** Turns, scales alike in both directions and moves: x' = cos x - sin y + dx, y' = sin x + cos y + dy. */
export interface Similarity {
  readonly cos: number;
  readonly sin: number;
  readonly dx: number;
  readonly dy: number;
}

/**
 * The similarity that takes the points nearest to their targets, in the sense of least squares: Umeyama 1991,
 * which in the plane and without mirroring is a quotient of complex numbers. Throws `RangeError` when all
 * points are one.
 */
export function similarityBetween(points: readonly Point[], targets: readonly Point[]): Similarity {
  const from = meanOf(points);
  const to = meanOf(targets);
  let cos = 0;
  let sin = 0;
  let spread = 0;
  for (const [index, point] of points.entries()) {
    const target = targets[index] ?? to;
    const [x, y] = [point[0] - from[0], point[1] - from[1]];
    const [u, v] = [target[0] - to[0], target[1] - to[1]];
    cos += x * u + y * v;
    sin += x * v - y * u;
    spread += x * x + y * y;
  }
  if (spread === 0) throw new RangeError('The points of a face are one point');
  cos /= spread;
  sin /= spread;
  return { cos, sin, dx: to[0] - cos * from[0] + sin * from[1], dy: to[1] - sin * from[0] - cos * from[1] };
}

/** The area of the picture that the template's square shows when the landmarks lie on its points. */
export function placeOnPicture(landmarks: readonly Point[], { side, points }: Template): Parallelogram {
  const { cos, sin, dx, dy } = similarityBetween(landmarks, points);
  const scale = cos * cos + sin * sin;
  const back = ([x, y]: Point): Point => {
    const [u, v] = [x - dx, y - dy];
    return [(cos * u + sin * v) / scale, (cos * v - sin * u) / scale];
  };
  return [back([0, 0]), back([side, 0]), back([0, side])];
}

function meanOf(points: readonly Point[]): Point {
  const sum = (axis: 0 | 1): number => points.reduce((total, point) => total + point[axis], 0);
  return [sum(0) / points.length, sum(1) / points.length];
}
