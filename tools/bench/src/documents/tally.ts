import type { Comparison, SetEntry } from '@trivium/documents';
import { addScores, NOTHING, type Score } from '../reading/score.js';
import { quantile, type Sample } from '../harness/rounds.js';

/** One picture, extracted. */
export interface Outcome {
  readonly entry: Pick<SetEntry, 'kind' | 'degree'>;
  readonly comparison: Comparison;
  readonly reading: Score;
  /** Of every pass over the picture. */
  readonly durationsMs: readonly number[];
}

/** Shares from 0 to 1, seconds, and how many wrong totals were let pass. */
export function sampleOf(outcomes: readonly Outcome[]): Sample {
  const sum = (pick: (comparison: Comparison) => { right: number; of: number }): number => {
    const tallies = outcomes.map(({ comparison }) => pick(comparison));
    const of = tallies.reduce((total, tally) => total + tally.of, 0);
    return of === 0 ? Number.NaN : tallies.reduce((total, { right }) => total + right, 0) / of;
  };
  const share = (pick: (comparison: Comparison) => boolean): number =>
    outcomes.filter(({ comparison }) => pick(comparison)).length / outcomes.length;
  return {
    fields: sum(({ fields }) => fields),
    total: sum(({ total }) => total),
    rows: sum(({ rows }) => rows),
    kind: share(({ kind }) => kind),
    verdict: share(({ verdict }) => verdict),
    wrongPass: outcomes.filter(({ comparison }) => comparison.wrongPass).length,
    ...readingSample(outcomes.map(({ reading, durationsMs }) => ({ reading, durationsMs }))),
  };
}

/** Of a reader alone: values found whole, character errors, seconds. */
export function readingSample(pictures: readonly Pick<Outcome, 'reading' | 'durationsMs'>[]): Sample {
  const score = pictures.reduce((total, { reading }) => addScores(total, reading), NOTHING);
  const seconds = pictures.flatMap(({ durationsMs }) => durationsMs.map((duration) => duration / 1000));
  return {
    recall: score.found / score.values,
    cer: score.edits / score.characters,
    p50: quantile(seconds, 0.5),
    p95: quantile(seconds, 0.95),
  };
}
