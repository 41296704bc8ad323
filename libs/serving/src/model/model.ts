export type Placement = 'cpu' | 'cuda' | 'remote';

/** What one call of {@link ModelV1.doRun} may hold, and how many calls may run side by side. */
export interface BatchLimits {
  readonly maxBatchItems: number;
  /** In {@link costUnit}; counted as the dearest item's cost times the number of items, which is what padding makes of it. */
  readonly maxBatchCost: number;
  readonly costUnit: 'items' | 'tokens' | 'pixels' | 'columns' | 'samples';
  readonly maxConcurrentBatches: number;
}

/** A model as the engine sees it. The literal lets later generations stand beside this one. */
export interface ModelV1<Input, Output> extends AsyncDisposable {
  readonly specification: 'model/v1';
  readonly modelId: string;
  readonly variant: string;
  readonly placement: Placement;
  readonly limits: BatchLimits;

  /** Of one item of the input: its longest, in the unit of the limits. */
  costOf(input: Input): number;

  /** How many items the input holds; without it every input is one. */
  itemsOf?(input: Input): number;

  /** Only inputs of one bucket share a batch: same shape, or near enough that padding stays cheap. */
  bucketOf(input: Input): string;

  /**
   * `do` marks the call that the batcher owns; nothing else may invoke it. Answers in the order of the
   * batch. The signal aborts when no member's caller is waiting any more.
   */
  doRun(batch: readonly Input[], signal: AbortSignal): Promise<readonly Output[]>;

  /** Where batches run, in the order in which they are tried; without it the model is its only instance. */
  readonly instances?: readonly ModelInstance<Input, Output>[];
}

/** One thing that runs batches of a model: a pool of workers, a device, another server. */
export interface ModelInstance<Input, Output> {
  /** Unique among the model's instances: `cpu`, `cuda:0`. */
  readonly name: string;
  /** Instances of one kind are equally fast: what is learned of one holds for all. */
  readonly kind: string;
  readonly placement: Placement;
  readonly limits: BatchLimits;
  /** Milliseconds until a run may be sent here; 0: now. More while its breaker is open. */
  readonly unavailableForMs: number;
  doRun(batch: readonly Input[], signal: AbortSignal): Promise<readonly Output[]>;
}
