import { DomainError, type ErrorCode } from '@trivium/contracts';
import { type Clock, systemClock } from '../clock/clock.js';
import type { BatchLimits, ModelInstance, ModelV1, Placement } from '../model/model.js';
import { Breaker, type BreakerOptions } from './breaker.js';

export interface InstanceGroupOptions {
  readonly breaker?: Partial<BreakerOptions> | undefined;
  readonly clock?: Clock | undefined;
  readonly onBreaker?: ((event: BreakerEvent) => void) | undefined;
}

export interface BreakerEvent {
  readonly modelId: string;
  readonly instance: string;
  readonly type: 'opened' | 'closed';
}

const BREAKER: BreakerOptions = { failures: 3, openForMs: 1_000, longestOpenMs: 60_000 };

/** Failures of where the work ran, not of the work: elsewhere it may succeed. */
const INSTANCE_FAULTS: ReadonlySet<ErrorCode> = new Set([
  'unavailable',
  'model_not_available',
  'model_loading',
  'overloaded',
  'rate_limit_exceeded',
  'upstream_error',
]);

/** Whether the failure is that of the instance, so that another one may be asked. */
export function isInstanceFault(error: unknown): boolean {
  return DomainError.is(error) && INSTANCE_FAULTS.has(error.code);
}

/**
 * One model in several places: worker pools, devices, other servers, which stand behind one queue in the
 * order in which they are tried when several are idle. Each has its own breaker. A `Batcher` deals with
 * the instances itself and moves the work of a broken one to the next; {@link doRun} is for calls without
 * a batcher and does the same with a single batch.
 *
 * What an input costs, and what may share a run, is the first model's to say; all must be the same model.
 */
export class InstanceGroup<Input, Output> implements ModelV1<Input, Output> {
  readonly specification = 'model/v1';
  readonly modelId: string;
  readonly variant: string;
  readonly placement: Placement;
  readonly limits: BatchLimits;
  readonly instances: readonly ModelInstance<Input, Output>[];
  readonly itemsOf: (input: Input) => number;
  readonly #first: ModelV1<Input, Output>;

  constructor(
    private readonly models: readonly [ModelV1<Input, Output>, ...ModelV1<Input, Output>[]],
    options: InstanceGroupOptions = {},
  ) {
    const [first] = models;
    this.#first = first;
    this.modelId = first.modelId;
    this.variant = first.variant;
    this.placement = first.placement;
    this.limits = {
      ...first.limits,
      // An input that is taken must fit wherever it may go.
      maxBatchItems: Math.min(...models.map(({ limits }) => limits.maxBatchItems)),
      maxConcurrentBatches: models.reduce((sum, { limits }) => sum + limits.maxConcurrentBatches, 0),
    };
    this.instances = models.map(
      (model, index) =>
        new Member(model, nameOf(models, index), {
          ...options,
          only: models.length === 1,
        }),
    );
    this.itemsOf = (input) => first.itemsOf?.(input) ?? 1;
  }

  costOf(input: Input): number {
    return this.#first.costOf(input);
  }

  bucketOf(input: Input): string {
    return this.#first.bucketOf(input);
  }

  async doRun(batch: readonly Input[], signal: AbortSignal): Promise<readonly Output[]> {
    let failure: unknown;
    for (const instance of this.instances) {
      if (instance.unavailableForMs > 0) continue;
      try {
        return await instance.doRun(batch, signal);
      } catch (error) {
        if (!isInstanceFault(error)) throw error;
        failure = error;
      }
    }
    throw failure ?? new DomainError('unavailable', `No instance of ${this.modelId} answers`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.models.map((model) => model[Symbol.asyncDispose]()));
  }
}

/** A single model as its own only instance. Supervision inside it is its affair: it has no breaker. */
export function onlyInstance<Input, Output>(model: ModelV1<Input, Output>): ModelInstance<Input, Output> {
  return {
    name: model.placement,
    kind: model.placement,
    placement: model.placement,
    limits: model.limits,
    unavailableForMs: 0,
    doRun: (batch, signal) => model.doRun(batch, signal),
  };
}

interface MemberOptions extends InstanceGroupOptions {
  /** With nowhere else to go its breaker only reports. */
  readonly only: boolean;
}

class Member<Input, Output> implements ModelInstance<Input, Output> {
  readonly kind: string;
  readonly placement: Placement;
  readonly limits: BatchLimits;
  readonly #breaker: Breaker;

  constructor(
    private readonly model: ModelV1<Input, Output>,
    readonly name: string,
    private readonly options: MemberOptions,
  ) {
    this.kind = name; // two pools or servers need not be equally fast
    this.placement = model.placement;
    this.limits = model.limits;
    this.#breaker = new Breaker({ ...BREAKER, ...options.breaker }, options.clock ?? systemClock);
  }

  get unavailableForMs(): number {
    return this.options.only ? 0 : this.#breaker.waitMs;
  }

  async doRun(batch: readonly Input[], signal: AbortSignal): Promise<readonly Output[]> {
    const wasOpen = this.#breaker.open;
    this.#breaker.begin();
    try {
      const outputs = await this.model.doRun(batch, signal);
      this.#breaker.succeeded();
      return outputs;
    } catch (error) {
      if (isInstanceFault(error) && !signal.aborted) this.#breaker.failed();
      else this.#breaker.unknown();
      throw error;
    } finally {
      this.#tell(wasOpen);
    }
  }

  #tell(wasOpen: boolean): void {
    const { open } = this.#breaker;
    if (open === wasOpen) return;
    const { modelId } = this.model;
    this.options.onBreaker?.({ modelId, instance: this.name, type: open ? 'opened' : 'closed' });
  }
}

/** By placement; numbered where there are several of it. */
function nameOf(models: readonly { readonly placement: Placement }[], index: number): string {
  const placement = models[index]?.placement ?? 'cpu';
  const alike = models.filter((model) => model.placement === placement).length;
  const before = models.slice(0, index).filter((model) => model.placement === placement).length;
  return alike === 1 ? placement : `${placement}:${before}`;
}
