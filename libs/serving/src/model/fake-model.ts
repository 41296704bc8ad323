import type { BatchLimits, ModelV1 } from './model.js';

interface FakeInput {
  readonly name: string;
  readonly cost?: number;
  readonly bucket?: string;
}

interface FakeRun {
  readonly names: readonly string[];
  readonly signal: AbortSignal;
  /** Answers every member with its name in capitals. */
  finish(): void;
  fail(error: unknown): void;
}

/** A model whose runs end when the test says so. */
export class FakeModel implements ModelV1<FakeInput, string> {
  readonly specification = 'model/v1';
  readonly modelId = 'fake';
  readonly variant = 'fp32';
  readonly placement = 'cpu';
  readonly limits: BatchLimits;
  readonly runs: FakeRun[] = [];
  disposed = false;

  constructor(limits: Partial<BatchLimits> = {}) {
    this.limits = {
      maxBatchItems: 8,
      maxBatchCost: 100,
      costUnit: 'items',
      maxConcurrentBatches: 1,
      ...limits,
    };
  }

  costOf({ cost = 1 }: FakeInput): number {
    return cost;
  }

  bucketOf({ bucket = 'one' }: FakeInput): string {
    return bucket;
  }

  doRun(batch: readonly FakeInput[], signal: AbortSignal): Promise<readonly string[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
    const names = batch.map(({ name }) => name);
    this.runs.push({
      names,
      signal,
      finish: () => resolve(names.map((name) => name.toUpperCase())),
      fail: reject,
    });
    return promise;
  }

  /** The run that was started last. */
  get latest(): FakeRun {
    const run = this.runs.at(-1);
    if (run === undefined) throw new RangeError('Nothing has run');
    return run;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.disposed = true;
  }
}
