import type { DecoderShape } from '@trivium/onnx';
import { type CachePrefix, type CacheSlice, copyHeads, type HeadRows } from './key-value-cache.js';

export interface CacheRow {
  readonly id: number;
  /** Positions that the sequence will have at most. */
  readonly room: number;
  length: number;
}

/**
 * Keys and values of sequences whose places have the same capacity: for each layer two buffers, places ×
 * kvHeads × capacity × headSize. The rows in use come first, each filled from the left.
 */
export class RowBlock {
  readonly rows: CacheRow[] = [];
  readonly #buffers: Float32Array[];
  #places = 0;

  constructor(
    private readonly shape: DecoderShape,
    readonly capacity: number,
  ) {
    this.#buffers = Array.from({ length: shape.layers * 2 }, () => new Float32Array(0));
  }

  get positions(): number {
    return this.#places * this.capacity;
  }

  /** Whether there is a place for one more, made within so many more positions. */
  makePlace(morePositions: number): boolean {
    if (this.rows.length < this.#places) return true;
    const more = Math.min(Math.max(1, this.#places), Math.floor(morePositions / this.capacity));
    if (more > 0) this.#resize(this.#places + more);
    return more > 0;
  }

  /** Gives back the places that nobody uses. */
  shrink(): void {
    if (this.rows.length < this.#places) this.#resize(this.rows.length);
  }

  add(row: CacheRow, prefix?: CachePrefix): void {
    if (this.rows.length >= this.#places) throw new RangeError('The block has no place left');
    this.rows.push(row);
    row.length = prefix?.length ?? 0;
    if (prefix === undefined) return;
    for (const [index, data] of prefix.slice.data.entries()) {
      const from = { data, offset: 0, capacity: prefix.slice.length, at: 0 };
      this.#copy(from, this.#place(index, this.rows.length - 1), row.length);
    }
  }

  slice(row: CacheRow, length: number): CacheSlice {
    const { kvHeads, headSize } = this.shape;
    const at = this.rows.indexOf(row);
    const data = this.#buffers.map((_, index) => {
      const kept = new Float32Array(kvHeads * length * headSize);
      this.#copy(this.#place(index, at), { data: kept, offset: 0, capacity: length, at: 0 }, length);
      return kept;
    });
    return { length, data };
  }

  /** The last row takes the place of the one that leaves. */
  remove(row: CacheRow): void {
    const at = this.rows.indexOf(row);
    const last = this.rows.pop();
    if (last === undefined || last === row) return;
    this.rows[at] = last;
    for (const index of this.#buffers.keys()) {
      this.#copy(this.#place(index, this.rows.length), this.#place(index, at), last.length);
    }
  }

  /** Brings these rows to the front, in any order. */
  gather(wanted: ReadonlySet<CacheRow>): void {
    let free = 0;
    for (const [index, row] of [...this.rows].entries()) {
      if (!wanted.has(row)) continue;
      if (index !== free) this.#swap(free, index);
      free += 1;
    }
  }

  /** The buffers of `count` rows from `first` on, to be read and written. */
  views(first: number, count: number): Float32Array[] {
    const size = this.#rowSize;
    return this.#buffers.map((buffer) => buffer.subarray(first * size, (first + count) * size));
  }

  #swap(one: number, other: number): void {
    const [a, b] = [this.rows[one], this.rows[other]];
    if (a === undefined || b === undefined) throw new RangeError('A row that is not there');
    const { kvHeads, headSize } = this.shape;
    for (const index of this.#buffers.keys()) {
      const kept = new Float32Array(kvHeads * a.length * headSize);
      const aside = { data: kept, offset: 0, capacity: a.length, at: 0 };
      this.#copy(this.#place(index, one), aside, a.length);
      this.#copy(this.#place(index, other), this.#place(index, one), b.length);
      this.#copy(aside, this.#place(index, other), a.length);
    }
    [this.rows[one], this.rows[other]] = [b, a];
  }

  /** One buffer after the other, so that the old ones need not all be there beside the new ones. */
  #resize(places: number): void {
    this.#places = places;
    for (const [index, data] of this.#buffers.entries()) {
      this.#buffers[index] = new Float32Array(places * this.#rowSize);
      for (const [at, { length }] of this.rows.entries()) {
        const from = { data, offset: at * this.#rowSize, capacity: this.capacity, at: 0 };
        this.#copy(from, this.#place(index, at), length);
      }
    }
  }

  #place(buffer: number, row: number): HeadRows {
    const data = this.#buffers[buffer];
    if (data === undefined) throw new RangeError(`No buffer ${buffer}`);
    return { data, offset: row * this.#rowSize, capacity: this.capacity, at: 0 };
  }

  #copy(from: HeadRows, to: HeadRows, length: number): void {
    copyHeads(from, to, { heads: this.shape.kvHeads, size: this.shape.headSize, length });
  }

  get #rowSize(): number {
    return this.shape.kvHeads * this.capacity * this.shape.headSize;
  }
}
