import { stat } from 'node:fs/promises';
import { DomainError } from '@trivium/contracts';
import type { AgreementMetric } from '@trivium/contracts/model-manifest';
import type { Tensor } from '@trivium/contracts/tensor';
import { probe, type ProbeOptions } from '../inspection/probe.js';
import { type Agreement, isWithin, summarize } from './agreement.js';

export interface CompareOptions extends ProbeOptions {
  readonly metric?: AgreementMetric | undefined;
  /** Least agreement, or largest error; see `precision` of model.yaml. */
  readonly threshold?: number | undefined;
  /** Runs of each model for the latency, in turns. */
  readonly rounds?: number | undefined;
}

/** A figure of both models. */
export interface Pair {
  readonly reference: number;
  readonly variant: number;
  /** `variant / reference`. */
  readonly ratio: number;
}

export interface PrecisionReport {
  readonly fileBytes: Pair;
  /** Growth of resident memory in a process that does nothing else; the runtime's own share included. */
  readonly loadBytes: Pair;
  readonly runBytes: Pair;
  /** Median of one run of the first calibration sample, one thread. */
  readonly p50Ms: Pair;
  readonly metric: AgreementMetric;
  readonly agreement: Agreement;
  readonly threshold: number;
  /** Whether it may be published. */
  readonly passed: boolean;
}

const THRESHOLD = 0.98;
const ROUNDS = 30;
/** Calibration samples; each is run once by both models. */
const MOST_SAMPLES = 1_000;

/**
 * Measures a variant against the model it was made from. Memory is measured in a process each, latency
 * and agreement in one process in turns, so that neither has the quieter machine.
 * @param samples inputs to compare the answers to; the first one is also timed
 * @throws DomainError `invalid_request` without samples; otherwise as `probe`
 */
export async function compareVariants(
  reference: string,
  variant: string,
  samples: readonly (readonly Tensor[])[],
  options: CompareOptions = {},
): Promise<PrecisionReport> {
  const { metric = 'cosine', threshold = THRESHOLD, rounds = ROUNDS, ...limits } = options;
  const [sample] = samples;
  if (sample === undefined || samples.length > MOST_SAMPLES) {
    throw new DomainError('invalid_request', `A calibration set has 1 to ${MOST_SAMPLES} samples`, {
      param: 'samples',
    });
  }
  const memoryOf = (file: string) => probe<'memory'>({ type: 'memory', file, sample }, limits);
  const before = await memoryOf(reference);
  const after = await memoryOf(variant);
  const race = await probe<'race'>(
    { type: 'race', reference, candidate: variant, samples, rounds, metric },
    limits,
  );
  const agreement = summarize(metric, race.agreement);
  return {
    fileBytes: pair((await stat(reference)).size, (await stat(variant)).size),
    loadBytes: pair(before.loadBytes, after.loadBytes),
    runBytes: pair(before.runBytes, after.runBytes),
    p50Ms: pair(median(race.reference), median(race.candidate)),
    metric,
    agreement,
    threshold,
    passed: isWithin(metric, threshold, agreement),
  };
}

const pair = (reference: number, variant: number): Pair => ({
  reference,
  variant,
  ratio: reference === 0 ? Number.NaN : variant / reference,
});

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
