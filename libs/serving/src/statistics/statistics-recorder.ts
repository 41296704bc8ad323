import type { ModelStatistics } from '@trivium/contracts/inference';

/** One request that was answered. Durations in milliseconds. */
export interface AnsweredRequest {
  /** Items that it held; what Triton counts as inferences. */
  readonly items: number;
  /** From arrival to answer. */
  readonly totalMs: number;
  readonly queueMs: number;
  readonly computeInputMs?: number | undefined;
  readonly computeInferMs: number;
  readonly computeOutputMs?: number | undefined;
}

/** One run of the model. */
export interface ModelExecution {
  readonly batchSize: number;
  readonly computeInputMs?: number | undefined;
  readonly computeInferMs: number;
  readonly computeOutputMs?: number | undefined;
  readonly releaseReason: string;
}

export interface StatisticsOptions {
  readonly model: string;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly epochMs?: (() => number) | undefined;
  /** Requests that wait now. */
  readonly pending?: (() => number) | undefined;
}

type Duration = ModelStatistics['inferenceStats']['queue'];
type BatchStatistics = ModelStatistics['batchStats'][number];

/** Batch sizes kept apart; a larger variety is counted under the next power of two. */
const MOST_SIZES = 64;
const MOST_REASONS = 32;

/**
 * What one version of a model has done since it was first loaded: counts and nanoseconds that only grow, in
 * the algebra of Triton's statistics extension. A cache hit is a success that neither infers nor executes;
 * a failed request is in `fail` and nowhere else.
 */
export class StatisticsRecorder {
  #lastInferenceMs = 0;
  #inferenceCount = 0;
  #executionCount = 0;
  #wastedMs = 0;
  readonly #stats = {
    success: none(),
    fail: none(),
    queue: none(),
    computeInput: none(),
    computeInfer: none(),
    computeOutput: none(),
    cacheHit: none(),
    cacheMiss: none(),
  };
  readonly #batches = new Map<number, BatchStatistics>();
  readonly #releases = new Map<string, number>();

  constructor(private readonly options: StatisticsOptions) {}

  /** A request that a run of the model has answered. */
  answered(request: AnsweredRequest): void {
    const { items, totalMs, queueMs, computeInputMs = 0, computeInferMs, computeOutputMs = 0 } = request;
    this.#inferenceCount += items;
    this.#lastInferenceMs = Math.round((this.options.epochMs ?? Date.now)());
    add(this.#stats.success, totalMs);
    add(this.#stats.queue, queueMs);
    add(this.#stats.computeInput, computeInputMs);
    add(this.#stats.computeInfer, computeInferMs);
    add(this.#stats.computeOutput, computeOutputMs);
  }

  /** A request that ended in an error. */
  failed(totalMs: number): void {
    add(this.#stats.fail, totalMs);
  }

  /** A request that the response cache has answered; `lookupMs` of its time went into looking. */
  cacheHit(totalMs: number, lookupMs: number): void {
    add(this.#stats.success, totalMs);
    add(this.#stats.cacheHit, lookupMs);
  }

  /** Time that a request without a cached answer spent on looking for one and on storing its own. */
  cacheMiss(ms: number): void {
    add(this.#stats.cacheMiss, ms);
  }

  executed(execution: ModelExecution): void {
    const { batchSize, computeInputMs = 0, computeInferMs, computeOutputMs = 0, releaseReason } = execution;
    this.#executionCount += 1;
    const batch = this.#batchOf(Math.max(1, Math.round(batchSize)));
    add(batch.computeInput, computeInputMs);
    add(batch.computeInfer, computeInferMs);
    add(batch.computeOutput, computeOutputMs);
    const known = this.#releases.has(releaseReason) || this.#releases.size < MOST_REASONS;
    const reason = known ? releaseReason : 'other';
    this.#releases.set(reason, (this.#releases.get(reason) ?? 0) + 1);
  }

  /** Time of a run whose answers nobody took, or that was done twice. */
  wasted(ms: number): void {
    this.#wastedMs += Math.max(0, ms);
  }

  snapshot(): ModelStatistics {
    return {
      model: this.options.model,
      version: this.options.version,
      lastInferenceMs: this.#lastInferenceMs,
      inferenceCount: this.#inferenceCount,
      executionCount: this.#executionCount,
      inferenceStats: structuredClone(this.#stats),
      batchStats: structuredClone(
        [...this.#batches.values()].sort((one, other) => one.batchSize - other.batchSize),
      ),
      releaseReasons: Object.fromEntries(this.#releases),
      pending: this.options.pending?.() ?? 0,
      wastedMs: this.#wastedMs,
    };
  }

  #batchOf(size: number): BatchStatistics {
    const kept = this.#batches.has(size) || this.#batches.size < MOST_SIZES;
    const batchSize = kept ? size : 2 ** Math.ceil(Math.log2(size));
    let batch = this.#batches.get(batchSize);
    if (batch === undefined) {
      batch = { batchSize, computeInput: none(), computeInfer: none(), computeOutput: none() };
      this.#batches.set(batchSize, batch);
    }
    return batch;
  }
}

function none(): Duration {
  return { count: 0, ns: 0 };
}

function add(duration: Duration, ms: number): void {
  duration.count += 1;
  duration.ns += Math.max(0, Math.round(ms * 1e6));
}
