import type { AgreementMetric } from '@trivium/contracts/model-manifest';
import { agrees } from '@trivium/serving';

/** Of a variant with its reference, over the samples of a calibration set. */
export interface Agreement {
  readonly mean: number;
  readonly worst: number;
  readonly samples: number;
}

/** @param samples agreement of each; one at least */
export function summarize(metric: AgreementMetric, samples: readonly number[]): Agreement {
  // Divided first: two errors that cannot be compared are the largest numbers, whose sum has no value.
  const mean = samples.reduce((sum, one) => sum + one / samples.length, 0);
  const worst = metric === 'max-absolute-error' ? Math.max(...samples) : Math.min(...samples);
  return { mean, worst, samples: samples.length };
}

/** The mean decides for shares and cosines, the worst for errors. */
export function isWithin(metric: AgreementMetric, threshold: number, { mean, worst }: Agreement): boolean {
  return agrees(metric, metric === 'max-absolute-error' ? worst : mean, threshold);
}
