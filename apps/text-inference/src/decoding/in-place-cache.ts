import type { DecoderSession } from '@trivium/onnx';
import { placeSize } from './cache-plan.js';
import type { CacheLimits, CachePrefix, CacheSlice, KeyValueCache, StepEntry } from './key-value-cache.js';
import { type CacheRow, RowBlock } from './row-block.js';

interface Placed {
  readonly row: CacheRow;
  block: RowBlock;
}

/**
 * For graphs whose attention writes into the cache that it reads: nothing is copied from step to step. Each
 * sequence has a row in a block of rows of one capacity, and each block makes one run of a step. So that there
 * are few runs, a sequence is put to those with larger places while there is memory to spare; when there is not,
 * each goes to a place of its own size.
 */
export class InPlaceCache implements KeyValueCache {
  readonly #blocks = new Map<number, RowBlock>();
  readonly #placed = new Map<number, Placed>();

  constructor(
    private readonly session: DecoderSession,
    private readonly limits: CacheLimits,
  ) {}

  get positions(): number {
    return [...this.#blocks.values()].reduce((sum, { positions }) => sum + positions, 0);
  }

  add(id: number, room: number, prefix?: CachePrefix): void {
    const row: CacheRow = { id, room, length: 0 };
    const block = this.#blockFor(room);
    block.add(row, prefix);
    this.#placed.set(id, { row, block });
  }

  lengthOf(id: number): number {
    return this.#of(id).row.length;
  }

  async extend(id: number, tokens: readonly number[]): Promise<Float32Array> {
    const { row, block } = this.#of(id);
    const width = row.length + tokens.length;
    if (width > block.capacity) throw new RangeError(`Sequence ${id} outgrows its place`);
    const views = block.views(block.rows.indexOf(row), 1);
    const logits = await this.session.run({
      tokens: BigInt64Array.from(tokens, BigInt),
      rows: 1,
      columns: tokens.length,
      mask: new BigInt64Array(width).fill(1n),
      width,
      positions: BigInt64Array.from(tokens, (_, index) => BigInt(row.length + index)),
      past: views,
      pastLength: block.capacity,
      present: views,
    });
    row.length = width;
    return logits;
  }

  async step(entries: readonly StepEntry[]): Promise<Float32Array[]> {
    const answers = new Map<number, Float32Array>();
    const byBlock = Map.groupBy(entries, ({ id }) => this.#of(id).block);
    for (const [block, members] of byBlock) {
      const logits = await this.#stepBlock(block, members);
      const own = byBlock.size === 1 ? logits : logits.slice(); // the next run writes over them
      const { vocabulary } = this.session.shape;
      for (const [at, { id }] of block.rows.slice(0, members.length).entries()) {
        answers.set(id, own.subarray(at * vocabulary, (at + 1) * vocabulary));
      }
    }
    return entries.map(({ id }) => answers.get(id) ?? new Float32Array(0));
  }

  slice(id: number, length: number): CacheSlice {
    const { row, block } = this.#of(id);
    return block.slice(row, length);
  }

  drop(id: number): void {
    const placed = this.#placed.get(id);
    if (placed === undefined) return;
    this.#placed.delete(id);
    placed.block.remove(placed.row);
    if (placed.block.rows.length === 0) this.#blocks.delete(placed.block.capacity);
  }

  /** Answers the logits of the first rows of the block, which are the members' by then. */
  async #stepBlock(block: RowBlock, members: readonly StepEntry[]): Promise<Float32Array> {
    const tokenOf = new Map(members.map(({ id, token }) => [id, BigInt(token)]));
    block.gather(new Set(members.map(({ id }) => this.#of(id).row)));
    const rows = block.rows.slice(0, members.length);
    const width = Math.max(...rows.map(({ length }) => length)) + 1;
    if (width > block.capacity) throw new RangeError('A sequence outgrows its place');
    const mask = new BigInt64Array(rows.length * width);
    for (const [at, { length }] of rows.entries()) mask.fill(1n, at * width, at * width + length + 1);
    const views = block.views(0, rows.length);
    const logits = await this.session.run({
      tokens: BigInt64Array.from(rows, ({ id }) => tokenOf.get(id) ?? 0n),
      rows: rows.length,
      columns: 1,
      mask,
      width,
      positions: BigInt64Array.from(rows, ({ length }) => BigInt(length)),
      past: views,
      pastLength: block.capacity,
      present: views,
    });
    for (const row of rows) row.length += 1;
    return logits;
  }

  #blockFor(room: number): RowBlock {
    const size = placeSize(room, this.limits.contextWindow);
    const fullestFirst = [...this.#blocks.values()]
      .filter(({ capacity }) => capacity >= size)
      .toSorted((a, b) => b.rows.length - a.rows.length || a.capacity - b.capacity);
    const block = fullestFirst.find((one) => one.makePlace(this.#spare));
    if (block !== undefined) return block;
    if (this.#spare < size) this.#separate();
    const own = this.#blockOf(size);
    if (own.makePlace(this.#spare)) return own;
    throw new RangeError('The sequences together are larger than the memory for them');
  }

  /** Everybody to a place of their own size, and no place empty. */
  #separate(): void {
    for (const block of this.#blocks.values()) block.shrink();
    for (const placed of this.#placed.values()) {
      const { row, block } = placed;
      const size = placeSize(row.room, this.limits.contextWindow);
      if (block.capacity === size) continue;
      const slice = block.slice(row, row.length);
      block.remove(row);
      block.shrink();
      placed.block = this.#blockOf(size);
      // One place and no more: others of other sizes follow.
      if (!placed.block.makePlace(Math.min(size, this.#spare)))
        throw new RangeError('Less memory than it took before');
      placed.block.add(row, { slice, length: slice.length });
    }
    for (const [capacity, block] of this.#blocks) {
      block.shrink();
      if (block.rows.length === 0) this.#blocks.delete(capacity);
    }
  }

  get #spare(): number {
    return this.limits.livePositions - this.positions;
  }

  #blockOf(capacity: number): RowBlock {
    const known = this.#blocks.get(capacity);
    if (known !== undefined) return known;
    const block = new RowBlock(this.session.shape, capacity);
    this.#blocks.set(capacity, block);
    return block;
  }

  #of(id: number): Placed {
    const placed = this.#placed.get(id);
    if (placed === undefined) throw new RangeError(`Sequence ${id} has no row`);
    return placed;
  }
}
