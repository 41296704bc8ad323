export type Placement = 'cpu' | 'cuda' | 'remote';

/** What one call of {@link ModelV1.doRun} may hold, and how many calls may run side by side. */
export interface BatchLimits {
  readonly maxBatchItems: number;
  /** In {@link costUnit}; counted as the dearest member times the number of members, which is what padding makes of it. */
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

  costOf(input: Input): number;

  /** Only inputs of one bucket share a batch: same shape, or near enough that padding stays cheap. */
  bucketOf(input: Input): string;

  /**
   * `do` marks the call that the batcher owns; nothing else may invoke it. Answers in the order of the
   * batch. The signal aborts when no member's caller is waiting any more.
   */
  doRun(batch: readonly Input[], signal: AbortSignal): Promise<readonly Output[]>;
}
