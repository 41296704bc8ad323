import type { BenchmarkOptions, Row } from './benchmark.js';

/** What one round of one contender measured, by metric. */
export type Sample = Readonly<Record<string, number>>;

/** Runs one round; warming up is its own affair. */
export type Contender = () => Promise<Sample>;

/**
 * Interleaves the contenders (A-B-C-A-B-C …), so that whatever else the machine does meets all of
 * them alike.
 */
export async function runRounds<Name extends string>(
  contenders: Readonly<Record<Name, Contender>>,
  { rounds, progress }: BenchmarkOptions,
): Promise<Readonly<Record<Name, readonly Sample[]>>> {
  const names = Object.keys(contenders) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, [] as Sample[]])) as Record<Name, Sample[]>;
  for (let round = 1; round <= rounds; round++) {
    for (const name of names) {
      progress(`round ${round} of ${rounds}: ${name}`);
      samples[name].push(await contenders[name]());
    }
  }
  return samples;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The value below which the given share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export interface RowOptions {
  readonly metric: string;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
  /** Which figure of the samples. */
  readonly key: string;
  readonly ours: readonly Sample[];
  readonly peer?: { readonly name: string; readonly samples: readonly Sample[] };
  readonly goal?: number;
}

export function toRow({ metric, unit, better, key, ours, peer, goal }: RowOptions): Row {
  const values = ours.map((sample) => sample[key] ?? Number.NaN);
  const value = median(values);
  const peerValue =
    peer === undefined ? null : median(peer.samples.map((sample) => sample[key] ?? Number.NaN));
  const ratio = peerValue === null ? null : value / peerValue;
  const judged = ratio ?? value;
  return {
    metric,
    ours: value,
    unit,
    better,
    peer: peer === undefined || peerValue === null ? null : { name: peer.name, value: peerValue },
    ratio,
    goal: goal ?? null,
    met: goal === undefined ? null : better === 'higher' ? judged >= goal : judged <= goal,
    spread: value === 0 ? 0 : (Math.max(...values) - Math.min(...values)) / Math.abs(value),
  };
}
