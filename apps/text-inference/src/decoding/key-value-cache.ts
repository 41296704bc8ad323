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

export interface StepEntry {
  readonly id: number;
  readonly token: number;
}

/** What all live sequences have taken in. A sequence is added, extended by its prompt, then steps with others. */
export interface KeyValueCache {
  /** Positions that there is memory for, over all sequences. */
  readonly positions: number;
  /** Adds a sequence that will have at most `room` positions. */
  add(id: number, room: number, prefix?: CachePrefix): void;
  lengthOf(id: number): number;
  /** Takes in tokens of one sequence; answers the logits after the last of them. */
  extend(id: number, tokens: readonly number[]): Promise<Float32Array>;
  /** One token for each; answers the logits in the order of the entries. */
  step(entries: readonly StepEntry[]): Promise<readonly Float32Array[]>;
  slice(id: number, length: number): CacheSlice;
  drop(id: number): void;
}

export interface CacheLimits {
  readonly contextWindow: number;
  /** Of all sequences together; enough for the `placeSize` of each that is added. */
  readonly livePositions: number;
}

/** Heads one behind the other, each `capacity` positions, from `offset`; copied from or to position `at`. */
export interface HeadRows {
  readonly data: Float32Array;
  readonly offset: number;
  readonly capacity: number;
  readonly at: number;
}

/** Copies positions of each head from one layout to another. */
export function copyHeads(
  from: HeadRows,
  to: HeadRows,
  { heads, size, length }: { readonly heads: number; readonly size: number; readonly length: number },
): void {
  for (let head = 0; head < heads; head += 1) {
    const source = from.offset + (head * from.capacity + from.at) * size;
    const target = to.offset + (head * to.capacity + to.at) * size;
    to.data.set(from.data.subarray(source, source + length * size), target);
  }
}
