import type { RolloutRule, RolloutStatus } from '@trivium/contracts/inference';
import type { z } from 'zod';
import { agrees, bestAgreement } from './agreement.js';
import { LatestValues } from './latest-values.js';

/** One request that a rollout learns from. In canary mode only one of the two versions answered it. */
export interface RolloutSample {
  /** By the rule's metric, see `agreementOf`; absent when there was nothing to compare. */
  readonly agreement?: number | undefined;
  readonly servingMs?: number | undefined;
  readonly candidateMs?: number | undefined;
  readonly servingFailed?: boolean | undefined;
  readonly candidateFailed?: boolean | undefined;
}

type Status = z.output<typeof RolloutStatus>;
export type RolloutState = Status['state'];

/** Durations that the medians are taken of: the latest ones. */
const MOST_DURATIONS = 8_192;

/**
 * Judges a candidate by its rule. It is promoted when `samples` requests were compared and agreement,
 * median latency and failures are all within the rule, rolled back when one of them is not, and
 * rolled back early once no further sample could save it. Judged once: later samples change nothing.
 *
 * Compared are requests that the candidate took part in. A failure counts against the candidate unless the
 * serving version failed on the same request. Agreement is asked for as soon as a sample has one,
 * and in shadow mode always.
 */
export class Rollout {
  readonly #servingMs: LatestValues;
  readonly #candidateMs: LatestValues;
  #compared = 0;
  #failures = 0;
  #agreements = 0;
  #agreementSum = 0;
  #state: RolloutState = 'running';
  #reason = '';

  constructor(readonly rule: RolloutRule) {
    const kept = Math.min(rule.samples, MOST_DURATIONS);
    this.#servingMs = new LatestValues(kept);
    this.#candidateMs = new LatestValues(kept);
  }

  get state(): RolloutState {
    return this.#state;
  }

  /** Takes the sample in and answers what the rollout has come to. */
  record(sample: RolloutSample): RolloutState {
    if (this.#state !== 'running') return this.#state;
    const { servingMs, candidateMs, servingFailed = false, candidateFailed = false, agreement } = sample;
    if (servingMs !== undefined && !servingFailed) this.#servingMs.add(servingMs);
    if (candidateMs === undefined && !candidateFailed && agreement === undefined) return this.#state;
    this.#compared += 1;
    if (candidateFailed && !servingFailed) this.#failures += 1;
    if (candidateMs !== undefined && !candidateFailed) this.#candidateMs.add(candidateMs);
    if (agreement !== undefined) {
      this.#agreements += 1;
      this.#agreementSum += agreement;
    }
    this.#judge();
    return this.#state;
  }

  /** Ends it by decision of a person. */
  rollBack(reason: string): void {
    if (this.#state === 'running') this.#end('rolled-back', reason);
  }

  status(): Status {
    const { agreement, latencyRatio } = this;
    return {
      rule: this.rule,
      state: this.#state,
      compared: this.#compared,
      ...(agreement === undefined ? {} : { agreement }),
      ...(latencyRatio === undefined ? {} : { latencyRatio }),
      ...(this.#compared === 0 ? {} : { failureRate: this.#failures / this.#compared }),
      reason: this.#reason || `${this.#compared} of ${this.rule.samples} requests compared`,
    };
  }

  /** Mean of all samples that have one. */
  get agreement(): number | undefined {
    if (this.#agreements === 0) return undefined;
    return Math.min(Number.MAX_VALUE, this.#agreementSum / this.#agreements);
  }

  /** The candidate's median over the serving version's. */
  get latencyRatio(): number | undefined {
    const serving = this.#servingMs.median();
    const candidate = this.#candidateMs.median();
    return serving === undefined || candidate === undefined || serving <= 0 ? undefined : candidate / serving;
  }

  #judge(): void {
    const { samples, maxFailureRate, minAgreement, metric, maxLatencyRatio, mode } = this.rule;
    if (this.#failures > maxFailureRate * samples) {
      return this.#end(
        'rolled-back',
        `${this.#failures} of ${this.#compared} requests failed, ${maxFailureRate} of all may`,
      );
    }
    if (!this.#agreementPossible()) {
      return this.#end(
        'rolled-back',
        `agreement ${shown(this.agreement)} can no longer pass ${minAgreement}`,
      );
    }
    if (this.#compared < samples) return;
    const { agreement, latencyRatio } = this;
    if (agreement === undefined ? mode === 'shadow' : !agrees(metric, agreement, minAgreement)) {
      return this.#end('rolled-back', `agreement ${shown(agreement)} does not pass ${minAgreement}`);
    }
    if (latencyRatio !== undefined && latencyRatio > maxLatencyRatio) {
      return this.#end(
        'rolled-back',
        `median latency is ${shown(latencyRatio)} times the serving version's, ${maxLatencyRatio} allowed`,
      );
    }
    this.#end('promoted', `${this.#compared} requests compared, all within the rule`);
  }

  /** Whether the mean would pass if every sample to come agreed perfectly. */
  #agreementPossible(): boolean {
    const { samples, metric, minAgreement } = this.rule;
    if (this.#agreements === 0) return true;
    const left = Math.max(0, samples - this.#compared);
    const mean = (this.#agreementSum + left * bestAgreement(metric)) / (this.#agreements + left);
    return agrees(metric, mean, minAgreement);
  }

  #end(state: RolloutState, reason: string): void {
    this.#state = state;
    this.#reason = reason;
  }
}

function shown(value: number | undefined): string {
  return value === undefined ? 'was never measured and' : value.toPrecision(4);
}
