/** The latest values, at most `capacity` of them. */
export class LatestValues {
  readonly #values: Float64Array;
  #added = 0;

  constructor(capacity: number) {
    this.#values = new Float64Array(capacity);
  }

  add(value: number): void {
    this.#values[this.#added % this.#values.length] = value;
    this.#added += 1;
  }

  /** Mean of the two middle values where their number is even; undefined without any. */
  median(): number | undefined {
    const sorted = this.#values.slice(0, Math.min(this.#added, this.#values.length)).sort();
    const upper = sorted[sorted.length >> 1];
    const lower = sorted[(sorted.length - 1) >> 1];
    return upper === undefined || lower === undefined ? undefined : (upper + lower) / 2;
  }
}
