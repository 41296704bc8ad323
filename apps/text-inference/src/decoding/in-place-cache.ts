import type { DecoderSession } from '@trivium/onnx';
import { type CachePrefix, type CacheSlice, copyHeads, type KeyValueCache } from './key-value-cache.js';

const FIRST_CAPACITY = 128;

interface Row {
  id: number;
  length: number;
}

/**
 * For graphs whose attention writes into the cache that it reads. One buffer for each layer's keys and values
 * holds a row for every sequence, filled from the left; a step runs over the first rows of it, so those that
 * step are kept there. Rows move only when that changes, and everything only when a sequence outgrows the
 * capacity, which doubles.
 */
export class InPlaceCache implements KeyValueCache {
  readonly #rows: Row[] = [];
  #buffers: Float32Array[] = [];
  #capacity = 0;
  #places = 0;

  constructor(private readonly session: DecoderSession) {}

  get positions(): number {
    return this.#capacity * this.#places;
  }

  add(id: number, prefix?: CachePrefix): void {
    this.#makeRoom(this.#rows.length + 1, (prefix?.length ?? 0) + 1);
    this.#rows.push({ id, length: prefix?.length ?? 0 });
    if (prefix === undefined) return;
    const { kvHeads: heads, headSize: size } = this.session.shape;
    for (const [index, data] of prefix.slice.data.entries()) {
      copyHeads(
        { data, offset: 0, capacity: prefix.slice.length, at: 0 },
        this.#place(index, this.#rows.length - 1),
        { heads, size, length: prefix.length },
      );
    }
  }

  lengthOf(id: number): number {
    return this.#row(id).length;
  }

  async extend(id: number, tokens: readonly number[]): Promise<Float32Array> {
    const row = this.#row(id);
    const width = row.length + tokens.length;
    this.#makeRoom(this.#rows.length, width);
    const { vocabulary } = this.session.shape;
    const { logits } = await this.session.run({
      tokens: BigInt64Array.from(tokens, BigInt),
      rows: 1,
      columns: tokens.length,
      mask: new BigInt64Array(width).fill(1n),
      width,
      positions: BigInt64Array.from(tokens, (_, index) => BigInt(row.length + index)),
      past: this.#views(this.#rows.indexOf(row), 1),
      pastLength: this.#capacity,
    });
    row.length = width;
    return logits.subarray(logits.length - vocabulary);
  }

  async step(entries: readonly { readonly id: number; readonly token: number }[]): Promise<Float32Array[]> {
    const tokenOf = new Map(entries.map(({ id, token }) => [id, token]));
    this.#gather(tokenOf);
    const rows = this.#rows.slice(0, entries.length);
    const width = Math.max(...rows.map(({ length }) => length)) + 1;
    this.#makeRoom(this.#rows.length, width);
    const mask = new BigInt64Array(rows.length * width);
    for (const [index, { length }] of rows.entries())
      mask.fill(1n, index * width, index * width + length + 1);
    const { vocabulary } = this.session.shape;
    const { logits } = await this.session.run({
      tokens: BigInt64Array.from(rows, ({ id }) => BigInt(tokenOf.get(id) ?? 0)),
      rows: rows.length,
      columns: 1,
      mask,
      width,
      positions: BigInt64Array.from(rows, ({ length }) => BigInt(length)),
      past: this.#views(0, rows.length),
      pastLength: this.#capacity,
    });
    const at = new Map(rows.map(({ id }, index) => [id, index]));
    for (const row of rows) row.length += 1;
    return entries.map(({ id }) => {
      const index = at.get(id) ?? 0;
      return logits.subarray(index * vocabulary, (index + 1) * vocabulary);
    });
  }

  slice(id: number, length: number): CacheSlice {
    const row = this.#rows.indexOf(this.#row(id));
    const { kvHeads: heads, headSize: size } = this.session.shape;
    const data = this.#buffers.map((_, index) => {
      const kept = new Float32Array(heads * length * size);
      copyHeads(
        this.#place(index, row),
        { data: kept, offset: 0, capacity: length, at: 0 },
        { heads, size, length },
      );
      return kept;
    });
    return { length, data };
  }

  drop(id: number): void {
    const index = this.#rows.findIndex((row) => row.id === id);
    if (index < 0) return;
    const last = this.#rows.length - 1;
    if (index !== last) this.#swap(index, last);
    this.#rows.pop();
    if (this.#rows.length > 0) return;
    this.#buffers = []; // nobody is left, so a long sequence's capacity need not be kept
    this.#capacity = 0;
    this.#places = 0;
  }

  /** Brings those that step to the front, whatever their order. */
  #gather(stepping: ReadonlyMap<number, number>): void {
    let free = 0;
    for (let index = 0; index < this.#rows.length; index += 1) {
      if (!stepping.has(this.#rows[index]?.id ?? -1)) continue;
      if (index !== free) this.#swap(free, index);
      free += 1;
    }
    if (free !== stepping.size) throw new RangeError('A step names a sequence that has no row');
  }

  #swap(one: number, other: number): void {
    const size = this.#rowSize();
    for (const buffer of this.#buffers) {
      const kept = buffer.slice(one * size, (one + 1) * size);
      buffer.copyWithin(one * size, other * size, (other + 1) * size);
      buffer.set(kept, other * size);
    }
    const [a, b] = [this.#rows[one], this.#rows[other]];
    if (a !== undefined && b !== undefined) [this.#rows[one], this.#rows[other]] = [b, a];
  }

  #makeRoom(places: number, length: number): void {
    if (places <= this.#places && length <= this.#capacity) return;
    const { layers, kvHeads: heads, headSize: size } = this.session.shape;
    let capacity = Math.max(this.#capacity, FIRST_CAPACITY);
    while (capacity < length) capacity *= 2;
    let wanted = Math.max(this.#places, 1);
    while (wanted < places) wanted *= 2;
    const before = { buffers: this.#buffers, capacity: this.#capacity };
    this.#buffers = Array.from(
      { length: layers * 2 },
      () => new Float32Array(wanted * heads * capacity * size),
    );
    this.#capacity = capacity;
    this.#places = wanted;
    for (const [index, data] of before.buffers.entries()) {
      for (const [row, { length: filled }] of this.#rows.entries()) {
        const offset = row * heads * before.capacity * size;
        copyHeads({ data, offset, capacity: before.capacity, at: 0 }, this.#place(index, row), {
          heads,
          size,
          length: filled,
        });
      }
    }
  }

  #place(buffer: number, row: number): { data: Float32Array; offset: number; capacity: number; at: number } {
    const data = this.#buffers[buffer];
    if (data === undefined) throw new RangeError(`No buffer ${buffer}`);
    return { data, offset: row * this.#rowSize(), capacity: this.#capacity, at: 0 };
  }

  #views(first: number, count: number): Float32Array[] {
    const size = this.#rowSize();
    return this.#buffers.map((buffer) => buffer.subarray(first * size, (first + count) * size));
  }

  #rowSize(): number {
    const { kvHeads, headSize } = this.session.shape;
    return kvHeads * this.#capacity * headSize;
  }

  #row(id: number): Row {
    const row = this.#rows.find((one) => one.id === id);
    if (row === undefined) throw new RangeError(`Sequence ${id} has no row`);
    return row;
  }
}
