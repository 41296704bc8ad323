import { describe, expect, it } from 'vitest';
import {
  cosineDistance,
  DLIB_CALIBRATION,
  euclideanDistance,
  judge,
  operatorsCalibration,
} from './sameness.js';

describe('judge', () => {
  it.each([
    [0.59, true],
    [0.6, true],
    [0.61, false],
  ])('calls a distance of %d the same person: %s', (distance, same) => {
    expect(judge(distance, DLIB_CALIBRATION)).toMatchObject({ distance, threshold: 0.6, same });
  });

  it('bounds a stricter threshold by the rate of the calibrated one', () => {
    const { falseAcceptRate, calibration, same } = judge(0.5, DLIB_CALIBRATION, 0.45);

    expect(same).toBe(false);
    expect(falseAcceptRate).toBeCloseTo(0.0123, 4);
    expect(calibration).toBe(DLIB_CALIBRATION.basis);
  });

  it('claims nothing about a laxer threshold', () => {
    const { falseAcceptRate, calibration, same } = judge(0.65, DLIB_CALIBRATION, 0.7);

    expect(same).toBe(true);
    expect(falseAcceptRate).toBeNull();
    expect(calibration).toContain('Nothing is known of thresholds above 0.6');
  });

  it("claims nothing about an operator's threshold", () => {
    expect(judge(0.2, operatorsCalibration(0.7))).toMatchObject({ same: true, falseAcceptRate: null });
  });
});

describe('distances', () => {
  it('are Euclidean between descriptors', () => {
    expect(euclideanDistance(Float32Array.of(1, 2), Float32Array.of(4, 6))).toBe(5);
  });

  it.each([
    [[3, 0], [5, 0], 0],
    [[3, 0], [0, 2], 1],
    [[1, 0], [-2, 0], 2],
    [[0, 0], [1, 0], 1],
  ])('are 1 - cosine between embeddings %j and %j', (one, other, distance) => {
    expect(cosineDistance(Float32Array.from(one), Float32Array.from(other))).toBeCloseTo(distance, 6);
  });
});
