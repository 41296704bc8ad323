import type { InferExplanation } from '@trivium/contracts/inference';
import type { Execution } from '@trivium/contracts/model';

/** How the work of one request was done that was many items: the longest waits and the largest company. */
export function executionOf(model: string, explanations: readonly InferExplanation[]): Execution {
  const run = explanations.filter(({ placement }) => placement !== 'cache');
  const most = (value: (one: InferExplanation) => number): number =>
    run.reduce((highest, one) => Math.max(highest, value(one)), 0);
  const placement = run[0]?.placement;
  return {
    model,
    variant: (run[0] ?? explanations[0])?.variant ?? 'fp32',
    placement: placement === 'cuda' || placement === 'remote' ? placement : 'cpu',
    queueMs: most(({ queueMs }) => queueMs),
    computeMs: most(({ computeMs }) => computeMs),
    batchSize: Math.max(
      1,
      most(({ batchSize }) => batchSize),
    ),
  };
}
