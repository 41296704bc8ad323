import { DomainError } from '@trivium/contracts';
import type { Clock } from '../clock/clock.js';
import { type InstanceLoad, noteRun } from '../placement/instance-load.js';
import { WorkerLost } from '../supervision/worker.js';
import { type Entry, dearestOf, itemsOf, ownCost } from './entry.js';
import type { ReleaseReason } from './release.js';

/** One run as it is reported when it has ended. */
export interface BatchEvent {
  readonly modelId: string;
  readonly variant: string;
  readonly bucket: string;
  readonly instance: string;
  readonly reason: ReleaseReason;
  readonly items: number;
  /** Pieces of work; each may hold several items. */
  readonly requests: number;
  /** In the model's unit, padding included. */
  readonly cost: number;
  readonly computeMs: number;
  /** What of it was spent on items that nobody waited for any more when it ended. */
  readonly wastedMs: number;
  readonly longestQueueMs: number;
  /** `unwanted`: nobody waits for any part of it. */
  readonly outcome: 'ok' | 'failed' | 'worker-lost' | 'unwanted';
}

export interface Batch<Input, Output> {
  readonly entries: readonly Entry<Input, Output>[];
  readonly reason: ReleaseReason;
}

/** The part of a {@link BatchEvent} that a run knows by itself. */
type RunReport = Omit<BatchEvent, 'modelId' | 'variant'>;

/** One batch on one instance: answers its members, or says what went wrong with those who still wait. */
export class BatchRun<Input, Output> {
  readonly #unwanted = new AbortController();
  readonly #items: number;
  readonly #dearest: number;

  constructor(
    private readonly batch: Batch<Input, Output>,
    private readonly load: InstanceLoad<Input, Output>,
    private readonly clock: Clock,
  ) {
    this.#items = itemsOf(batch.entries);
    this.#dearest = dearestOf(batch.entries);
  }

  /** Call when a caller has left: the run goes on only while somebody waits for a part of it. */
  callerLeft(): void {
    if (this.batch.entries.every(({ settled }) => settled)) this.#unwanted.abort(nobodyWaits());
  }

  /** Never rejects: a failure goes to `onFailure`, with those members whose callers still wait. */
  async run(
    modelId: string,
    onFailure: (error: unknown, alive: readonly Entry<Input, Output>[]) => void,
  ): Promise<RunReport> {
    const { entries } = this.batch;
    const { instance, durations } = this.load;
    const startedAt = this.clock.now();
    let outcome: BatchEvent['outcome'] = 'ok';
    let abandoned: number;
    let computeMs: number;
    try {
      const inputs = entries.map(({ input }) => input);
      const outputs = await instance.doRun(inputs, this.#unwanted.signal);
      computeMs = this.clock.now() - startedAt;
      abandoned = itemsOf(entries.filter(({ settled }) => settled));
      if (outputs.length !== entries.length) {
        throw new RangeError(`${modelId} answered ${outputs.length} of ${entries.length} inputs`);
      }
      const bucket = entries[0]?.bucket;
      durations.observe({ items: this.#items, longest: this.#dearest, durationMs: computeMs, bucket });
      noteRun(this.load, ownCost(entries), computeMs);
      this.#answer(outputs, startedAt, computeMs);
    } catch (error) {
      computeMs = this.clock.now() - startedAt;
      abandoned = itemsOf(entries.filter(({ settled }) => settled));
      outcome = WorkerLost.is(error) ? 'worker-lost' : 'failed';
      const alive = entries.filter(({ settled }) => !settled);
      if (alive.length > 0) onFailure(error, alive);
    }
    if (abandoned === this.#items) outcome = 'unwanted';
    return {
      bucket: entries[0]?.bucket ?? '',
      instance: instance.name,
      reason: this.batch.reason,
      items: this.#items,
      requests: entries.length,
      cost: this.#items * this.#dearest,
      computeMs,
      wastedMs: (computeMs * abandoned) / this.#items,
      longestQueueMs: entries.reduce((most, { enteredAt }) => Math.max(most, startedAt - enteredAt), 0),
      outcome,
    };
  }

  #answer(outputs: readonly Output[], startedAt: number, computeMs: number): void {
    const { entries, reason } = this.batch;
    const { name, placement } = this.load.instance;
    entries.forEach((entry, index) => {
      const output = outputs[index];
      if (entry.settled) return;
      entry.settled = true;
      entry.resolve({
        output: output as Output, // there are as many outputs as entries
        execution: {
          queueMs: startedAt - entry.enteredAt,
          computeMs,
          batchSize: this.#items,
          batchCost: this.#items * this.#dearest,
          batchMates: entries.length,
          releaseReason: reason,
          instance: name,
          placement,
        },
      });
    });
  }
}

export const nobodyWaits = (): DomainError =>
  new DomainError('cancelled', 'Nobody waits for the answer any more');

/** What a caller whose signal aborted gets: its own reason where that is fit for callers. */
export function whyLeft(signal: AbortSignal | undefined): unknown {
  const reason: unknown = signal?.reason;
  return DomainError.is(reason) ? reason : nobodyWaits();
}
