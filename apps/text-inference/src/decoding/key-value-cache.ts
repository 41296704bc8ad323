/** Keys and values of a run of tokens: for each layer both, each kvHeads × length × headSize. */
export interface CacheSlice {
  readonly length: number;
  readonly data: readonly Float32Array[];
}

/** The beginning of a slice. */
export interface CachePrefix {
  readonly slice: CacheSlice;
  readonly length: number;
}

/** What all live sequences have taken in. A sequence is added, extended by its prompt, then steps with others. */
export interface KeyValueCache {
  /** Positions that there is memory for, over all rows. */
  readonly positions: number;
  add(id: number, prefix?: CachePrefix): void;
  lengthOf(id: number): number;
  /** Takes in tokens of one sequence; answers the logits after the last of them. */
  extend(id: number, tokens: readonly number[]): Promise<Float32Array>;
  /** One token for each; answers the logits in the order of the entries. */
  step(entries: readonly { readonly id: number; readonly token: number }[]): Promise<readonly Float32Array[]>;
  slice(id: number, length: number): CacheSlice;
  drop(id: number): void;
}

/** Copies positions of each head from one layout to another: heads × capacity × size. */
export function copyHeads(
  from: {
    readonly data: Float32Array;
    readonly offset: number;
    readonly capacity: number;
    readonly at: number;
  },
  to: {
    readonly data: Float32Array;
    readonly offset: number;
    readonly capacity: number;
    readonly at: number;
  },
  { heads, size, length }: { readonly heads: number; readonly size: number; readonly length: number },
): void {
  for (let head = 0; head < heads; head += 1) {
    const source = from.offset + (head * from.capacity + from.at) * size;
    const target = to.offset + (head * to.capacity + to.at) * size;
    to.data.set(from.data.subarray(source, source + length * size), target);
  }
}
