import type { DurationTable } from './simulate.js';

export interface OptimumLimits {
  readonly maxBatchItems: number;
  readonly maxBatchCost: number;
}

/**
 * The least machine time that all of it takes, knowing everything from the start: no order and no
 * arrival can do better. Requests sorted by length are cut into runs; where a run's time grows with its
 * longest member, swapping members never helps, so that the best cut of the sorted line is the best of all.
 */
export function leastMachineMs(
  lengths: readonly number[],
  durationOf: DurationTable,
  { maxBatchItems, maxBatchCost }: OptimumLimits,
): number {
  const sorted = [...lengths].sort((one, other) => one - other);
  const least = new Float64Array(sorted.length + 1);
  for (let end = 1; end <= sorted.length; end += 1) {
    const longest = sorted[end - 1] ?? 0;
    let best = Number.POSITIVE_INFINITY;
    for (let items = 1; items <= Math.min(end, maxBatchItems); items += 1) {
      if (items > 1 && items * longest > maxBatchCost) break;
      best = Math.min(best, (least[end - items] ?? 0) + durationOf(items, longest));
    }
    least[end] = best;
  }
  return least[sorted.length] ?? 0;
}

/** Answers a second that no policy exceeds on so many instances. */
export function optimumPerSecond(
  lengths: readonly number[],
  durationOf: DurationTable,
  limits: OptimumLimits,
  instances: number,
): number {
  return (lengths.length * 1_000 * instances) / leastMachineMs(lengths, durationOf, limits);
}
