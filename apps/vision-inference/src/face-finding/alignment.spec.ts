import { describe, expect, it } from 'vitest';
import type { Point } from '../spotting/task.js';
import { placeOnPicture, similarityBetween } from './alignment.js';
import { TEMPLATES } from './template.js';

/** Turned by an angle, scaled and moved. */
const moved = (points: readonly Point[], angle: number, scale: number, [dx, dy]: Point): Point[] =>
  points.map(([x, y]) => [
    scale * (Math.cos(angle) * x - Math.sin(angle) * y) + dx,
    scale * (Math.sin(angle) * x + Math.cos(angle) * y) + dy,
  ]);

describe('similarityBetween', () => {
  it.each([
    [0, 1, [0, 0]],
    [0.4, 2.5, [30, -7]],
    [-2.2, 0.3, [-100, 400]],
  ] as [number, number, Point][])('finds a turn of %d, a scale of %d and a move', (angle, scale, by) => {
    const { points } = TEMPLATES.arcface;

    const { cos, sin, dx, dy } = similarityBetween(points, moved(points, angle, scale, by));

    expect(Math.atan2(sin, cos)).toBeCloseTo(angle, 9);
    expect(Math.hypot(sin, cos)).toBeCloseTo(scale, 9);
    expect([dx, dy]).toEqual([expect.closeTo(by[0], 6), expect.closeTo(by[1], 6)]);
  });

  it('errs least where no similarity is exact', () => {
    const targets: Point[] = [
      [0, 0],
      [2, 0],
      [1, 3],
    ];
    const points: Point[] = [
      [1, 1],
      [4, 2],
      [2, 5],
    ];
    const errorOf = ({ cos, sin, dx, dy }: ReturnType<typeof similarityBetween>): number =>
      points.reduce((sum, [x, y], index) => {
        const [u, v] = targets[index] ?? [0, 0];
        return sum + (cos * x - sin * y + dx - u) ** 2 + (sin * x + cos * y + dy - v) ** 2;
      }, 0);
    const best = similarityBetween(points, targets);

    for (const part of ['cos', 'sin', 'dx', 'dy'] as const) {
      for (const step of [-0.01, 0.01]) {
        expect(errorOf({ ...best, [part]: best[part] + step })).toBeGreaterThan(errorOf(best));
      }
    }
  });

  it('refuses points that are one', () => {
    const { points } = TEMPLATES.arcface;

    expect(() =>
      similarityBetween(
        points.map(() => [3, 3]),
        points,
      ),
    ).toThrow(RangeError);
  });
});

describe('placeOnPicture', () => {
  it.each(['dlib', 'arcface'] as const)(
    'lays the square of %s where its points are the landmarks',
    (name) => {
      const template = TEMPLATES[name];
      const landmarks = moved(template.points, 0.3, 1.7, [40, 25]);

      const place = placeOnPicture(landmarks, template);

      const corners: Point[] = [
        [0, 0],
        [template.side, 0],
        [0, template.side],
      ];
      for (const [index, [x, y]] of moved(corners, 0.3, 1.7, [40, 25]).entries()) {
        expect(place[index]).toEqual([expect.closeTo(x, 6), expect.closeTo(y, 6)]);
      }
    },
  );
});
