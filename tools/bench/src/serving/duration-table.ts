import type { DurationTable } from './policies/simulate.js';

/** Measured milliseconds of runs on a grid: a row for each number of items, a column for each length. */
export interface Grid {
  /** Ascending, at least two. */
  readonly items: readonly number[];
  /** Ascending, at least two. */
  readonly lengths: readonly number[];
  /** Row by row. */
  readonly ms: readonly number[];
}

/**
 * t(n, L) between the points that were measured: straight lines through them on logarithmic axes, where the
 * time of a run is nearly straight. Beyond the most items every item takes what it takes among so many. A
 * run that took longer than one of more items or of longer ones was disturbed, and counts as long as that
 * one.
 */
export function durationTable({ items, lengths, ms: measured }: Grid): DurationTable {
  const ms = undisturbed(measured, lengths.length);
  const logItems = items.map(Math.log);
  const logLengths = lengths.map(Math.log);
  const at = (row: number, column: number): number =>
    Math.log(ms[row * lengths.length + column] ?? Number.NaN);
  const most = items.at(-1) ?? 1;
  return (count, longest) => {
    const [row, down] = place(logItems, Math.log(Math.min(count, most)));
    const [column, right] = place(logLengths, Math.log(longest));
    const upper = between(at(row, column), at(row, column + 1), right);
    const lower = between(at(row + 1, column), at(row + 1, column + 1), right);
    return Math.exp(between(upper, lower, down)) * Math.max(1, count / most);
  };
}

function undisturbed(measured: readonly number[], columns: number): number[] {
  const ms = [...measured];
  for (let index = ms.length - 1; index >= 0; index -= 1) {
    const longer = (index + 1) % columns === 0 ? undefined : ms[index + 1];
    ms[index] = Math.min(ms[index] ?? Number.NaN, longer ?? Infinity, ms[index + columns] ?? Infinity);
  }
  return ms;
}

/** The interval that holds the value, or the nearest one, and how far along it lies. */
function place(points: readonly number[], value: number): readonly [index: number, share: number] {
  const above = points.findIndex((point) => point > value);
  const index = Math.min(Math.max((above === -1 ? points.length : above) - 1, 0), points.length - 2);
  const [from = 0, to = 1] = points.slice(index, index + 2);
  return [index, (value - from) / (to - from)];
}

function between(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}
