import type { Execution } from '@trivium/contracts/model';
import type { WorkExecution } from '@trivium/serving';
import type { FaceFinder } from './face-finder.js';

/** How a step was done, as contracts tell it. */
export function executionOf(
  { modelId, variant, placement }: Pick<FaceFinder, 'modelId' | 'variant' | 'placement'>,
  { queueMs, computeMs, batchSize }: WorkExecution,
): Execution {
  return { model: modelId, variant, placement, queueMs, computeMs, batchSize };
}
