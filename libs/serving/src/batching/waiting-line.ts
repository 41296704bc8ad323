import type { BatchLimits } from '../model/model.js';
import { compareEntries, type Entry } from './entry.js';

/** Why a batch left the line when it did. */
export type ReleaseReason = 'full' | 'idle' | 'alone' | 'halved';

export interface Release<Input, Output> {
  readonly entries: readonly Entry<Input, Output>[];
  readonly reason: ReleaseReason;
}

/** Entries that wait, in order, kept apart by bucket. Pure: time and running are the batcher's. */
export class WaitingLine<Input, Output> {
  readonly #buckets = new Map<string, Entry<Input, Output>[]>();
  #size = 0;
  #cost = 0;

  get size(): number {
    return this.#size;
  }

  /** Sum of the costs of all that waits. */
  get cost(): number {
    return this.#cost;
  }

  add(entry: Entry<Input, Output>): void {
    const line = this.#buckets.get(entry.bucket) ?? [];
    if (line.length === 0) this.#buckets.set(entry.bucket, line);
    line.splice(position(line, entry), 0, entry);
    this.#size += 1;
    this.#cost += entry.cost;
  }

  remove(entry: Entry<Input, Output>): boolean {
    const line = this.#buckets.get(entry.bucket);
    const index = line?.indexOf(entry) ?? -1;
    if (line === undefined || index < 0) return false;
    this.#take(line, index);
    return true;
  }

  nearestDeadline(): number {
    let nearest = Number.POSITIVE_INFINITY;
    for (const line of this.#buckets.values()) {
      for (const { deadline } of line) nearest = Math.min(nearest, deadline);
    }
    return nearest;
  }

  /** Takes out every entry that the predicate picks. */
  sweep(predicate: (entry: Entry<Input, Output>) => boolean): Entry<Input, Output>[] {
    const swept = [...this.#buckets.values()].flat().filter(predicate);
    for (const entry of swept) this.remove(entry);
    return swept;
  }

  /** The oldest entry and what of its bucket fits beside it, in order. */
  takeBatch(limits: Pick<BatchLimits, 'maxBatchItems' | 'maxBatchCost'>): Release<Input, Output> | undefined {
    const line = this.#oldestLine();
    const head = line?.[0];
    if (line === undefined || head === undefined) return undefined;
    if (head.alone) return { entries: [this.#take(line, 0)], reason: 'alone' };

    const entries: Entry<Input, Output>[] = [];
    let dearest = 0;
    let index = 0;
    while (index < line.length) {
      const candidate = line[index];
      if (candidate === undefined) break;
      if (candidate.alone) {
        index += 1;
        continue;
      }
      const padded = Math.max(dearest, candidate.cost) * (entries.length + 1);
      const fits = entries.length === 0 || padded <= limits.maxBatchCost;
      if (!fits || entries.length >= limits.maxBatchItems) return { entries, reason: 'full' };
      dearest = Math.max(dearest, candidate.cost);
      entries.push(this.#take(line, index));
    }
    return { entries, reason: 'idle' };
  }

  #oldestLine(): Entry<Input, Output>[] | undefined {
    let oldest: Entry<Input, Output>[] | undefined;
    for (const line of this.#buckets.values()) {
      const [head] = line;
      const [best] = oldest ?? [];
      if (head !== undefined && (best === undefined || compareEntries(head, best) < 0)) oldest = line;
    }
    return oldest;
  }

  #take(line: Entry<Input, Output>[], index: number): Entry<Input, Output> {
    const [entry] = line.splice(index, 1);
    if (entry === undefined) throw new RangeError(`No entry at ${index}`);
    if (line.length === 0) this.#buckets.delete(entry.bucket);
    this.#size -= 1;
    this.#cost -= entry.cost;
    return entry;
  }
}

function position<Input, Output>(line: readonly Entry<Input, Output>[], entry: Entry<Input, Output>): number {
  let low = 0;
  let high = line.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = line[middle];
    if (other !== undefined && compareEntries(other, entry) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
