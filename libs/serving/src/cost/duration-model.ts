import { LRUCache } from 'lru-cache';
import { NormalEquations, fitNonNegative } from './non-negative-fit.js';

/** One run that was timed: so many items, each padded to the longest one's cost. */
export interface Measurement {
  readonly items: number;
  /** In the model's unit of cost. */
  readonly longest: number;
  readonly durationMs: number;
  readonly bucket?: string | undefined;
}

interface Cell {
  readonly row: number;
  items: number;
  longest: number;
  durationMs: number;
  samples: number;
  /** Number of the measurement that it saw last. */
  seen: number;
}

/** What a run's time is made of: 1, n, n·L, n·L², (n·L)². */
const TERMS = 5;
const LENGTH_STEP = Math.log(1.2);
const MAX_CELLS = 256;

const MAX_BUCKETS = 64;
const MAX_ROWS = 32;
/** Weight of the newest measurement in a cell that has seen many. */
const SMOOTHING = 0.1;
/** One measurement moves a mean as if it were at most so many times slower, or faster: neighbours only ever slow a run. */
const MOST_SLOWER = 1.5;
const MOST_FASTER = 4;
/** Measurements of others after which a cell counts half: a machine that changed is not judged by what it was. */
const HALF_LIFE = 500;
/** Samples of a cell after which more of them add no weight. */
const FULL_WEIGHT = 16;
/** Samples at which a correction counts half. */
const SHRINKAGE = 8;
const RIDGE = 1e-3;
/** With many measurements the fit changes slowly and is made again only after so many of them. */
const REFIT_EVERY = 8;

/**
 * Learns how long a run takes: t(n, L) for n items padded to L, from the runs themselves.
 *
 * Measurements fall into cells (n by half powers of two, L by steps of 1.2), each a running mean that an
 * outlier can move only a little. Over the cells goes a weighted least-squares fit of 1, n, n·L, n·L² and
 * (n·L)² with coefficients of at least 0, in relative error, so that short runs count as much as long ones.
 * Where the measurements leave open what a cost is due to, it is taken to be proportional to n·L, which
 * is the cautious reading: batching then gains nothing. Two corrections stand on top, drawn to 1 while
 * they rest on few measurements: one per n (caches overflow, vector widths), one per bucket.
 *
 * The terms are those of an encoder: overhead of a call, of an item, matrix products, attention,
 * and caches that a large run overflows (an item of 256 tokens takes a fifth longer among sixteen). After
 * the learned latency of BentoML's dispatcher (a·n + b) and Clipper's (Crankshaw et al., NSDI 2017),
 * with length as the second dimension. Memory is bounded by the number of cells and buckets.
 */
export class DurationModel {
  readonly #cells = new LRUCache<number, Cell>({ max: MAX_CELLS });
  #rows: readonly number[] = [];
  readonly #buckets = new LRUCache<string, { ratio: number; samples: number }>({ max: MAX_BUCKETS });
  #coefficients: readonly number[] | undefined;
  #fittedAt = 0;
  #samples = 0;

  /** Measurements so far. */
  get samples(): number {
    return this.#samples;
  }

  /** Takes in a run, of real work or of a warm-up. What is not a duration is left out. */
  observe({ items, longest, durationMs, bucket }: Measurement): void {
    if (!(items >= 1) || !(longest > 0) || !(durationMs > 0) || !Number.isFinite(durationMs)) return;
    this.#samples += 1;
    const row = rowOf(items);
    const key = row * 1_000 + Math.round(Math.log(longest) / LENGTH_STEP);
    const cell = this.#cells.get(key);
    if (cell === undefined) {
      this.#cells.set(key, { row, items, longest, durationMs, samples: 1, seen: this.#samples });
    } else {
      cell.samples += 1;
      cell.seen = this.#samples;
      const weight = Math.max(1 / cell.samples, SMOOTHING);
      const expected = cell.durationMs;
      cell.items += weight * (items - cell.items);
      cell.longest += weight * (longest - cell.longest);
      cell.durationMs += weight * (bounded(durationMs, expected) - expected);
    }
    if (bucket !== undefined) this.#correctBucket(bucket, items, longest, durationMs);
    const due = this.#samples < 64 || this.#samples - this.#fittedAt >= REFIT_EVERY;
    if (due) this.#coefficients = undefined;
  }

  /** Milliseconds that such a run will take; undefined before the first measurement. */
  predict(items: number, longest: number, bucket?: string): number | undefined {
    if (this.#samples === 0) return undefined;
    const correction = bucket === undefined ? undefined : this.#buckets.get(bucket);
    const trust = correction === undefined ? 0 : correction.samples / (correction.samples + SHRINKAGE);
    return this.#general(items, longest) * (correction?.ratio ?? 1) ** trust;
  }

  #general(items: number, longest: number): number {
    const coefficients = (this.#coefficients ??= this.#fit());
    return combined(coefficients, items, longest) * this.#rowCorrection(items);
  }

  #fit(): readonly number[] {
    this.#fittedAt = this.#samples;
    const cells = [...this.#cells.values()];
    // Among single items (n·L)² is n·L², and would say that company never pays.
    const terms = cells.some(({ row }) => row > 0) ? TERMS : TERMS - 1;
    const equations = new NormalEquations(terms);
    let perCost = 0;
    let total = 0;
    for (const cell of cells) {
      const { items, longest, durationMs } = cell;
      const weight = this.#weightOf(cell);
      const inverse = 1 / durationMs;
      equations.add(
        termsOf(items, longest)
          .slice(0, terms)
          .map((term) => term * inverse),
        1,
        weight,
      );
      perCost += (weight * durationMs) / (items * longest);
      total += weight;
    }
    const coefficients = fitNonNegative(equations, [0, 0, perCost / total, 0, 0].slice(0, terms), RIDGE);
    const rows = new Map<number, { ratio: number; weight: number }>();
    for (const cell of cells) {
      const { items, longest, durationMs } = cell;
      const fitted = combined(coefficients, items, longest);
      const weight = this.#weightOf(cell);
      const row = rows.get(cell.row) ?? { ratio: 0, weight: 0 };
      row.ratio += weight * Math.log(durationMs / fitted);
      row.weight += weight;
      rows.set(cell.row, row);
    }
    let latest = 1; // a size that was never measured goes by the next smaller one
    this.#rows = Array.from({ length: MAX_ROWS + 2 }, (_, index) => {
      const row = rows.get(index);
      if (row !== undefined) latest = Math.exp(row.ratio / (row.weight + SHRINKAGE));
      return latest;
    });
    return coefficients;
  }

  /** Between the corrections of the two nearest measured sizes, so that no step is in it. */
  #rowCorrection(items: number): number {
    const place = Math.min(2 * Math.log2(items), MAX_ROWS);
    const low = Math.floor(place);
    const below = this.#rows[low] ?? 1;
    const above = this.#rows[low + 1] ?? below;
    return below + (above - below) * (place - low);
  }

  #correctBucket(bucket: string, items: number, longest: number, durationMs: number): void {
    const known = this.#buckets.get(bucket);
    const ratio = Math.min(Math.max(durationMs / this.#general(items, longest), 0.1), 10);
    if (known === undefined) {
      this.#buckets.set(bucket, { ratio, samples: 1 });
      return;
    }
    known.samples += 1;
    known.ratio += Math.max(1 / known.samples, SMOOTHING) * (bounded(ratio, known.ratio) - known.ratio);
  }

  #weightOf({ samples, seen }: Cell): number {
    return Math.min(samples, FULL_WEIGHT) * 0.5 ** ((this.#samples - seen) / HALF_LIFE);
  }
}

function termsOf(items: number, longest: number): number[] {
  const product = items * longest;
  return [1, items, product, product * longest, product ** 2];
}

/** Nested, so that rounding never makes a larger run shorter. */
function combined(coefficients: readonly number[], items: number, longest: number): number {
  const [call = 0, item = 0, product = 0, attention = 0, overflow = 0] = coefficients;
  return call + items * (item + longest * (product + longest * (attention + items * overflow)));
}

function bounded(measured: number, expected: number): number {
  return Math.min(Math.max(measured, expected / MOST_FASTER), expected * MOST_SLOWER);
}

function rowOf(items: number): number {
  return Math.min(Math.round(2 * Math.log2(items)), MAX_ROWS);
}
