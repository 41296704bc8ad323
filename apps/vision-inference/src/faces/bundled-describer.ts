import type { RunOptions } from '@trivium/serving';
import { executionOf } from './execution.js';
import type { DescribedFace, FaceDescriber } from './face-describer.js';
import type { FaceFinder } from './face-finder.js';
import { type Calibration, DLIB_CALIBRATION, euclideanDistance, operatorsCalibration } from './sameness.js';

/** The network that comes with the service. */
export class BundledDescriber implements FaceDescriber {
  readonly template = 'dlib';
  readonly calibration: Calibration;

  /** A threshold below the published one keeps its bound; see `judge`. */
  constructor(
    private readonly finder: FaceFinder,
    threshold = DLIB_CALIBRATION.threshold,
  ) {
    this.calibration =
      threshold <= DLIB_CALIBRATION.threshold
        ? { ...DLIB_CALIBRATION, threshold }
        : operatorsCalibration(threshold);
  }

  async describe(chip: Uint8Array, options: RunOptions): Promise<DescribedFace> {
    const { output, execution } = await this.finder.describe(chip, options);
    return {
      values: output,
      model: { id: this.finder.modelId, sha256: this.finder.descriptorSha256 },
      execution: executionOf(this.finder, execution),
    };
  }

  distance(one: Float32Array, other: Float32Array): number {
    return euclideanDistance(one, other);
  }
}
