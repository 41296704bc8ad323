import type { InferExplanation } from '@trivium/contracts/inference';
import { cacheKey, type Completed, type ResponseCache } from '@trivium/serving';
import type { TensorResult } from '@trivium/onnx';
import { cacheAsked } from './events.js';
import type { ServedModel } from './served-model.js';
import type { ServedVersion } from './served-version.js';
import type { Caller, TensorAnswer, TensorRequest } from './tensor-request.js';

/** What is kept of an answer. */
export interface KeptAnswer {
  readonly outputs: TensorResult['outputs'];
}

interface AnswerOptions {
  readonly cache: ResponseCache<KeptAnswer>;
  /** Longest that a request waits for its model to load. */
  readonly loadWaitMs: number;
}

/** Changes when the code around the models would change their answers. */
const PREPROCESSING = 'tensors-1';

interface Run {
  readonly completed: Completed<TensorResult>;
  readonly loadMs: number;
  /** Of this request. */
  readonly items: number;
}

/** One request to one version of a model: variant, cache, load, queue, run. */
export class AnswerVersion {
  constructor(private readonly options: AnswerOptions) {}

  async execute(
    model: ServedModel,
    version: ServedVersion,
    request: TensorRequest,
    caller: Caller,
  ): Promise<TensorAnswer> {
    const startedAt = performance.now();
    const variant = version.chooseVariant(request.variant);
    const head = { model: request.model, version: version.version, variant };
    let run: Run | undefined;
    const compute = async (signal: AbortSignal): Promise<KeptAnswer> => {
      run = await this.#run(version, variant, request, caller, signal);
      return { outputs: run.completed.output.outputs };
    };
    try {
      const { enable, ttl_seconds: ttl } = model.manifest.response_cache;
      const bypass = !enable || request.cache === 'bypass';
      const { value, status } = await this.options.cache.run({
        // Hashing large inputs takes time, which only those pay who gain from it.
        key: bypass ? '' : this.#keyOf(version, variant, request, caller),
        compute,
        signal: caller.signal,
        ttlMs: ttl * 1_000,
        bypass,
      });
      cacheAsked({ model: request.model, outcome: status });
      this.#count(version, run, startedAt, status === 'miss');
      return { ...head, outputs: value.outputs, cache: status, explain: explain(variant, run) };
    } catch (error) {
      version.statistics.failed(performance.now() - startedAt);
      throw error;
    }
  }

  async #run(
    version: ServedVersion,
    variant: Parameters<ServedVersion['lifecycle']>[0],
    request: TensorRequest,
    caller: Caller,
    signal: AbortSignal,
  ): Promise<Run> {
    const waitMs = Math.min(this.options.loadWaitMs, caller.remaining());
    using lease = await version.lifecycle(variant).lease({ waitMs, signal });
    lease.resource.check(request);
    const completed = await lease.resource.run(request, caller, signal);
    const batched = lease.resource.manifest.max_batch_size > 0;
    const items = batched ? (request.inputs[0]?.shape[0] ?? 1) : 1;
    return { completed, loadMs: lease.loadMs, items };
  }

  #keyOf(
    version: ServedVersion,
    variant: Parameters<ServedVersion['lifecycle']>[0],
    { inputs, outputs, pooling }: TensorRequest,
    { tenant }: Caller,
  ): string {
    return cacheKey({
      tenant,
      modelDigest: version.digestOf(variant),
      version: version.version,
      variant,
      preprocessing:
        pooling === undefined ? PREPROCESSING : `${PREPROCESSING} ${pooling.mode} of ${pooling.output}`,
      inputs,
      outputs,
    });
  }

  #count({ statistics }: ServedVersion, run: Run | undefined, startedAt: number, missed: boolean): void {
    const totalMs = performance.now() - startedAt;
    if (run === undefined) return statistics.cacheHit(totalMs, totalMs);
    const { queueMs, computeMs } = run.completed.execution;
    statistics.answered({ items: run.items, totalMs, queueMs, computeInferMs: computeMs });
    if (missed) statistics.cacheMiss(Math.max(0, totalMs - queueMs - computeMs - run.loadMs));
  }
}

function explain(variant: string, run: Run | undefined): InferExplanation {
  if (run === undefined) {
    const nothing = { queueMs: 0, computeMs: 0, batchSize: 0, batchCost: 0, batchMates: 0, loadMs: 0 };
    return { variant, placement: 'cache', instance: 'cache', releaseReason: 'cached', ...nothing };
  }
  const { placement, instance, releaseReason, queueMs, computeMs, batchSize, batchCost, batchMates } =
    run.completed.execution;
  return {
    variant,
    placement,
    instance,
    releaseReason,
    queueMs,
    computeMs,
    batchSize,
    batchCost,
    batchMates,
    loadMs: run.loadMs,
  };
}
