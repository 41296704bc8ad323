/** Up to which distance two faces are one person's, and what that rests on. */
export interface Calibration {
  readonly threshold: number;
  /** Most that is known of the share of pairs of different people up to the threshold; null: nothing is known. */
  readonly falseAcceptRate: number | null;
  /** In words for people. */
  readonly basis: string;
}

export interface Judgement {
  readonly distance: number;
  readonly threshold: number;
  readonly same: boolean;
  readonly falseAcceptRate: number | null;
  readonly calibration: string;
}

/**
 * dlib publishes 99.38 % of the 6,000 pairs of Labeled Faces in the Wild as told right at 0.6
 * (dlib.net, dnn_face_recognition_ex.cpp): 37 told wrong, were they all among the 3,000 pairs of different people.
 */
export const DLIB_CALIBRATION: Calibration = {
  threshold: 0.6,
  falseAcceptRate: 37 / 3_000,
  basis:
    'An upper bound from what dlib publishes for this network at 0.6: 37 of the 6,000 pairs of Labeled Faces in ' +
    'the Wild told wrong, 3,000 of them of different people. Not measured on these 8-bit weights, with this ' +
    'alignment, or on pictures like these.',
};

/** What an operator chose; nobody has told how often it is wrong. */
export function operatorsCalibration(threshold: number): Calibration {
  return {
    threshold,
    falseAcceptRate: null,
    basis: 'The threshold was set by the operator; how often it accepts different people is not known here.',
  };
}

/**
 * Whether a distance is small enough. A threshold below the calibrated one accepts no more than that does, so its
 * rate still bounds it; about one above nothing is known.
 */
export function judge(distance: number, calibration: Calibration, wanted?: number): Judgement {
  const { threshold: calibrated, falseAcceptRate, basis } = calibration;
  const threshold = wanted ?? calibrated;
  const isBounded = threshold <= calibrated;
  return {
    distance,
    threshold,
    same: distance <= threshold,
    falseAcceptRate: isBounded ? falseAcceptRate : null,
    calibration: isBounded
      ? basis
      : `Nothing is known of thresholds above ${calibrated}. At ${calibrated}: ${basis}`,
  };
}

/** The length of the difference of two descriptors. */
export function euclideanDistance(one: Float32Array, other: Float32Array): number {
  return Math.sqrt(one.reduce((sum, value, index) => sum + (value - (other[index] ?? 0)) ** 2, 0));
}

/** 1 - cosine of the angle between two embeddings: 0 to 2, and 1 when one of them is all zero. */
export function cosineDistance(one: Float32Array, other: Float32Array): number {
  const product = one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
  const length = (values: Float32Array): number =>
    Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  const lengths = length(one) * length(other);
  return lengths === 0 ? 1 : Math.max(0, 1 - product / lengths);
}
