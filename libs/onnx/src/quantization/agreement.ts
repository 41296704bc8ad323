export type AgreementMetric = 'cosine' | 'top-1' | 'max-absolute-error';

/** An output as numbers; `columns` is its last side. */
export interface Answer {
  readonly values: ArrayLike<number>;
  readonly columns: number;
}

/**
 * How far two answers to the same input are the same. `cosine`: of the whole output, 1 is the same.
 * `top-1`: share of rows (along the last side) whose largest value is in the same place. `max-absolute-error`:
 * 0 is the same. Answers of different sizes, or with values that are not numbers, do not agree at all.
 */
export function agreementOf(metric: AgreementMetric, expected: Answer, actual: Answer): number {
  const none = metric === 'max-absolute-error' ? Number.POSITIVE_INFINITY : 0;
  if (expected.values.length !== actual.values.length) return none;
  const measured = MEASURES[metric](expected, actual);
  return Number.isNaN(measured) ? none : measured;
}

const MEASURES: Readonly<Record<AgreementMetric, (expected: Answer, actual: Answer) => number>> = {
  cosine({ values: left }, { values: right }) {
    let product = 0;
    let ofLeft = 0;
    let ofRight = 0;
    for (let index = 0; index < left.length; index += 1) {
      const [one, other] = [left[index] ?? 0, right[index] ?? 0];
      product += one * other;
      ofLeft += one * one;
      ofRight += other * other;
    }
    if (ofLeft === 0 && ofRight === 0) return 1;
    return ofLeft === 0 || ofRight === 0 ? 0 : product / Math.sqrt(ofLeft * ofRight);
  },
  'top-1'(expected, actual) {
    const rows = Math.max(1, expected.values.length / Math.max(1, expected.columns));
    let same = 0;
    for (let row = 0; row < rows; row += 1)
      if (largestIn(expected, row) === largestIn(actual, row)) same += 1;
    return same / rows;
  },
  'max-absolute-error'({ values: left }, { values: right }) {
    let largest = 0;
    for (let index = 0; index < left.length; index += 1) {
      const error = Math.abs((left[index] ?? 0) - (right[index] ?? 0));
      if (Number.isNaN(error)) return Number.NaN;
      largest = Math.max(largest, error);
    }
    return largest;
  },
};

function largestIn({ values, columns }: Answer, row: number): number {
  let best = 0;
  for (let column = 1; column < columns; column += 1) {
    if ((values[row * columns + column] ?? 0) > (values[row * columns + best] ?? 0)) best = column;
  }
  return Number.isNaN(values[row * columns + best] ?? 0) ? -1 : best;
}

export interface Agreement {
  readonly mean: number;
  readonly worst: number;
  readonly samples: number;
}

export function summarize(metric: AgreementMetric, samples: readonly number[]): Agreement {
  const mean = samples.reduce((sum, one) => sum + one, 0) / samples.length;
  const worst = metric === 'max-absolute-error' ? Math.max(...samples) : Math.min(...samples);
  return { mean, worst, samples: samples.length };
}

/** The mean decides for shares and cosines, the worst for errors. */
export function isWithin(metric: AgreementMetric, threshold: number, { mean, worst }: Agreement): boolean {
  return metric === 'max-absolute-error' ? worst <= threshold : mean >= threshold;
}
