import type { AgreementMetric } from '@trivium/contracts/model-manifest';
import type { Tensor } from '@trivium/contracts/tensor';
import { tensorValues } from './tensor-values.js';

/** What an agreement can be at best and at worst; for an error the best is 0 and there is no worst. */
const RANGE = {
  cosine: { best: 1, worst: -1 },
  'top-1': { best: 1, worst: 0 },
  'max-absolute-error': { best: 0, worst: Number.MAX_VALUE },
} as const satisfies Record<AgreementMetric, { readonly best: number; readonly worst: number }>;

/**
 * How well the outputs of a candidate agree with the reference's, matched by name; of several outputs the
 * one that agrees least counts. An output that is missing, extra or of another shape is the worst
 * agreement; datatypes may differ (fp16 against fp32). Always finite.
 *
 * - `cosine`: mean over the items (along the first side; a vector is one) of a·b / (|a| |b|); 1 where both
 *   are zero, 0 where one of them is. From -1 to 1. Not over the rows of an item: those of a heat map that
 *   hold next to nothing would count as much as the others.
 * - `top-1`: share of the rows (along the last side) whose largest element has the same index, the first one of equals. From 0 to 1.
 * - `max-absolute-error`: largest |a - b| of all elements. 0 is equality.
 *
 * An item or row with a NaN or an infinity on one side only is the worst agreement. BYTES outputs agree as
 * far as they are equal: best or worst.
 */
export function agreementOf(
  metric: AgreementMetric,
  reference: readonly Tensor[],
  candidate: readonly Tensor[],
): number {
  const { worst } = RANGE[metric];
  if (reference.length !== candidate.length) return worst;
  const agreements = reference.map((expected) => {
    const actual = candidate.find(({ name }) => name === expected.name);
    return actual === undefined ? worst : agreementOfPair(metric, expected, actual);
  });
  return agreements.reduce(
    (least, one) => (agreesBetter(metric, least, one) ? one : least),
    RANGE[metric].best,
  );
}

/** Whether an agreement (or a mean of them) passes: at least the threshold, or for an error at most. */
export function agrees(metric: AgreementMetric, agreement: number, threshold: number): boolean {
  return metric === 'max-absolute-error' ? agreement <= threshold : agreement >= threshold;
}

/** The best agreement that there is. */
export function bestAgreement(metric: AgreementMetric): number {
  return RANGE[metric].best;
}

function agreesBetter(metric: AgreementMetric, one: number, other: number): boolean {
  return metric === 'max-absolute-error' ? one < other : one > other;
}

function agreementOfPair(metric: AgreementMetric, expected: Tensor, actual: Tensor): number {
  const { best, worst } = RANGE[metric];
  if (expected.shape.length !== actual.shape.length) return worst;
  if (expected.shape.some((side, index) => side !== actual.shape[index])) return worst;
  const a = tensorValues(expected);
  const b = tensorValues(actual);
  if (a === undefined || b === undefined) {
    return a === b && Buffer.compare(expected.data, actual.data) === 0 ? best : worst;
  }
  if (a.length !== b.length) return worst;
  if (a.length === 0) return best;
  return METRICS[metric](a, b, expected.shape);
}

type Metric = (a: Float64Array, b: Float64Array, shape: readonly number[]) => number;

const METRICS = {
  cosine: (a, b, shape) => {
    const length = shape.length > 1 ? a.length / (shape[0] ?? 1) : a.length;
    return meanOverRows(a.length, length, (from) => cosine(a, b, from, length));
  },
  'top-1': (a, b, shape) => {
    const length = shape.at(-1) ?? 1;
    return meanOverRows(a.length, length, (from) =>
      Number(topOf(a, from, length) === topOf(b, from, length)),
    );
  },
  'max-absolute-error': (a, b) => {
    let most = 0;
    for (let index = 0; index < a.length; index += 1) {
      most = Math.max(most, distance(a[index] ?? 0, b[index] ?? 0));
    }
    return most;
  },
} as const satisfies Record<AgreementMetric, Metric>;

function meanOverRows(elements: number, length: number, ofRow: (from: number) => number): number {
  let sum = 0;
  for (let from = 0; from < elements; from += length) sum += ofRow(from);
  return sum / (elements / length);
}

function cosine(a: Float64Array, b: Float64Array, from: number, length: number): number {
  const { worst } = RANGE.cosine;
  // Scaled by the largest element, or squares of large ones would overflow.
  const scaleA = scaleOf(a, from, length);
  const scaleB = scaleOf(b, from, length);
  if (!Number.isFinite(scaleA) || !Number.isFinite(scaleB)) return sameRow(a, b, from, length) ? 1 : worst;
  if (scaleA === 0 || scaleB === 0) return scaleA === scaleB ? 1 : 0;
  let dot = 0;
  let squaresA = 0;
  let squaresB = 0;
  for (let index = from; index < from + length; index += 1) {
    const x = (a[index] ?? 0) / scaleA;
    const y = (b[index] ?? 0) / scaleB;
    dot += x * y;
    squaresA += x * x;
    squaresB += y * y;
  }
  return Math.max(-1, Math.min(1, dot / Math.sqrt(squaresA * squaresB)));
}

/** Largest magnitude of a row; NaN when it has one. */
function scaleOf(values: Float64Array, from: number, length: number): number {
  let scale = 0;
  for (let index = from; index < from + length; index += 1)
    scale = Math.max(scale, Math.abs(values[index] ?? 0));
  return scale;
}

function sameRow(a: Float64Array, b: Float64Array, from: number, length: number): boolean {
  for (let index = from; index < from + length; index += 1) if (!Object.is(a[index], b[index])) return false;
  return true;
}

/** Index of the largest element in its row; a NaN is above everything, so that it is not overlooked. */
function topOf(values: Float64Array, from: number, length: number): number {
  let top = 0;
  for (let index = 0; index < length; index += 1) {
    const value = values[from + index] ?? 0;
    if (Number.isNaN(value)) return -1 - index;
    if (value > (values[from + top] ?? 0)) top = index;
  }
  return top;
}

function distance(a: number, b: number): number {
  if (Object.is(a, b)) return 0;
  const difference = Math.abs(a - b);
  return Number.isFinite(difference) ? difference : Number.MAX_VALUE;
}
