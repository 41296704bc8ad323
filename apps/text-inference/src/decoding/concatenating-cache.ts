import type { DecoderSession } from '@trivium/onnx';
import { placeSize } from './cache-plan.js';
import {
  type CacheLimits,
  type CachePrefix,
  type CacheSlice,
  copyHeads,
  type KeyValueCache,
  type StepEntry,
} from './key-value-cache.js';

interface Batch {
  readonly ids: readonly number[];
  /** Tokens of each, in the order of the ids; what is before them in a row is padding. */
  readonly lengths: number[];
  /** Of each layer the keys, then the values: rows × kvHeads × pastLength × headSize, and room behind it. */
  past: Float32Array[];
  pastLength: number;
  /** What the next step writes to; the two change places with every step. */
  next: Float32Array[];
}

/** Steps until the arrays of a batch have to be made anew. */
const ROOM = 64;

/**
 * For graphs that answer their past with the new positions behind it. Rows of a step are filled from the right,
 * so that all of them grow at the same end: as long as the same sequences step, what came out goes in again as
 * it is. Only when somebody joins or leaves are the rows taken apart and put together anew. All rows are as long
 * as the longest; where memory does not hold that, sequences of about the same length make runs of their own.
 */
export class ConcatenatingCache implements KeyValueCache {
  readonly #own = new Map<number, CacheSlice>();
  readonly #rooms = new Map<number, number>();
  #batches: Batch[] = [];

  constructor(
    private readonly session: DecoderSession,
    private readonly limits: CacheLimits,
  ) {}

  get positions(): number {
    const batched = this.#batches.reduce((sum, { ids, pastLength }) => sum + ids.length * pastLength, 0);
    return batched + [...this.#own.values()].reduce((sum, { length }) => sum + length, 0);
  }

  add(id: number, room: number, prefix?: CachePrefix): void {
    const { layers } = this.session.shape;
    this.#rooms.set(id, room);
    this.#own.set(
      id,
      prefix === undefined
        ? { length: 0, data: Array.from({ length: layers * 2 }, () => new Float32Array(0)) }
        : this.#cut(prefix.slice, prefix.length),
    );
  }

  lengthOf(id: number): number {
    const batch = this.#batchWith(id);
    return batch === undefined ? this.#ownOf(id).length : (batch.lengths[batch.ids.indexOf(id)] ?? 0);
  }

  async extend(id: number, tokens: readonly number[]): Promise<Float32Array> {
    this.#takeApart(this.#batchWith(id));
    const { data, length } = this.#ownOf(id);
    const width = length + tokens.length;
    const { kvHeads, headSize } = this.session.shape;
    const present = data.map(() => new Float32Array(kvHeads * width * headSize));
    const logits = await this.session.run({
      tokens: BigInt64Array.from(tokens, BigInt),
      rows: 1,
      columns: tokens.length,
      mask: new BigInt64Array(width).fill(1n),
      width,
      positions: BigInt64Array.from(tokens, (_, index) => BigInt(length + index)),
      past: data,
      pastLength: length,
      present,
    });
    this.#own.set(id, { length: width, data: present });
    return logits;
  }

  async step(entries: readonly StepEntry[]): Promise<Float32Array[]> {
    const answers = new Map<number, Float32Array>();
    const { vocabulary } = this.session.shape;
    const runs = this.#together(entries);
    for (const members of runs) {
      const logits = await this.#stepTogether(members);
      const own = runs.length === 1 ? logits : logits.slice(); // the next run writes over them
      for (const [row, { id }] of members.entries()) {
        answers.set(id, own.subarray(row * vocabulary, (row + 1) * vocabulary));
      }
    }
    return entries.map(({ id }) => answers.get(id) ?? new Float32Array(0));
  }

  /** Those that make one run. */
  #together(entries: readonly StepEntry[]): readonly (readonly StepEntry[])[] {
    const { contextWindow, livePositions } = this.limits;
    const stepping = new Set(entries.map(({ id }) => id));
    const lengths = entries.map(({ id }) => this.lengthOf(id) + 1);
    const others = [...this.#rooms.keys()].filter((id) => !stepping.has(id));
    const held = others.reduce((sum, id) => sum + this.lengthOf(id), 0);
    if (entries.length * Math.max(...lengths) + held <= livePositions) return [entries];
    const sizeOf = ({ id }: StepEntry): number => placeSize(this.#rooms.get(id) ?? 0, contextWindow);
    return [...Map.groupBy(entries, sizeOf).values()];
  }

  async #stepTogether(entries: readonly StepEntry[]): Promise<Float32Array> {
    const batch = this.#batchOf(entries.map(({ id }) => id));
    const width = batch.pastLength + 1;
    const mask = new BigInt64Array(entries.length * width);
    for (const [row, length] of batch.lengths.entries()) {
      mask.fill(1n, (row + 1) * width - length - 1, (row + 1) * width);
    }
    const { kvHeads, headSize } = this.session.shape;
    const rowSize = entries.length * kvHeads * headSize;
    batch.next = batch.past.map((_, index) => {
      const made = batch.next[index];
      return made !== undefined && made.length >= rowSize * width
        ? made
        : new Float32Array(rowSize * (width + ROOM));
    });
    const logits = await this.session.run({
      tokens: BigInt64Array.from(entries, ({ token }) => BigInt(token)),
      rows: entries.length,
      columns: 1,
      mask,
      width,
      positions: BigInt64Array.from(batch.lengths, BigInt),
      past: batch.past.map((data) => data.subarray(0, rowSize * batch.pastLength)),
      pastLength: batch.pastLength,
      present: batch.next.map((data) => data.subarray(0, rowSize * width)),
    });
    [batch.past, batch.next] = [batch.next, batch.past];
    batch.pastLength = width;
    for (const row of batch.lengths.keys()) batch.lengths[row] = (batch.lengths[row] ?? 0) + 1;
    return logits;
  }

  slice(id: number, length: number): CacheSlice {
    this.#takeApart(this.#batchWith(id));
    return this.#cut(this.#ownOf(id), length);
  }

  #cut(slice: CacheSlice, length: number): CacheSlice {
    const { kvHeads: heads, headSize: size } = this.session.shape;
    const data = slice.data.map((from) => {
      const kept = new Float32Array(heads * length * size);
      copyHeads(
        { data: from, offset: 0, capacity: slice.length, at: 0 },
        { data: kept, offset: 0, capacity: length, at: 0 },
        { heads, size, length },
      );
      return kept;
    });
    return { length, data };
  }

  drop(id: number): void {
    this.#takeApart(this.#batchWith(id));
    this.#own.delete(id);
    this.#rooms.delete(id);
  }

  #batchOf(ids: readonly number[]): Batch {
    const known = this.#batches.find(
      (batch) => batch.ids.length === ids.length && batch.ids.every((id, at) => id === ids[at]),
    );
    if (known !== undefined) return known;
    for (const id of ids) this.#takeApart(this.#batchWith(id));
    const { layers, kvHeads: heads, headSize: size } = this.session.shape;
    const slices = ids.map((id) => this.#ownOf(id));
    const pastLength = Math.max(...slices.map(({ length }) => length));
    const past = Array.from({ length: layers * 2 }, (_, index) => {
      const data = new Float32Array(ids.length * heads * pastLength * size);
      for (const [row, slice] of slices.entries()) {
        const from = slice.data[index] ?? new Float32Array(0);
        const offset = row * heads * pastLength * size;
        copyHeads(
          { data: from, offset: 0, capacity: slice.length, at: 0 },
          { data, offset, capacity: pastLength, at: pastLength - slice.length },
          { heads, size, length: slice.length },
        );
      }
      return data;
    });
    for (const id of ids) this.#own.delete(id);
    const batch = { ids, lengths: slices.map(({ length }) => length), past, pastLength, next: [] };
    this.#batches.push(batch);
    return batch;
  }

  #batchWith(id: number): Batch | undefined {
    return this.#batches.find(({ ids }) => ids.includes(id));
  }

  #takeApart(batch: Batch | undefined): void {
    if (batch === undefined) return;
    this.#batches = this.#batches.filter((one) => one !== batch);
    const { kvHeads: heads, headSize: size } = this.session.shape;
    for (const [row, id] of batch.ids.entries()) {
      const length = batch.lengths[row] ?? 0;
      const offset = row * heads * batch.pastLength * size;
      const data = batch.past.map((from) => {
        const kept = new Float32Array(heads * length * size);
        copyHeads(
          { data: from, offset, capacity: batch.pastLength, at: batch.pastLength - length },
          { data: kept, offset: 0, capacity: length, at: 0 },
          { heads, size, length },
        );
        return kept;
      });
      this.#own.set(id, { length, data });
    }
  }

  #ownOf(id: number): CacheSlice {
    const own = this.#own.get(id);
    if (own === undefined) throw new RangeError(`Sequence ${id} has no cache`);
    return own;
  }
}
