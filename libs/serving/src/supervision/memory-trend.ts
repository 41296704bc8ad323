const ANSWERS = 32;

/** What a worker held after its latest answers, to see a leak before it reaches the limit. */
export class MemoryTrend {
  readonly #latest: number[] = [];

  note(bytes: number): void {
    this.#latest.push(bytes);
    if (this.#latest.length > ANSWERS) this.#latest.shift();
  }

  /** Whether it never shrank in its latest answers and as many more would carry it past the limit. */
  willPass(limit: number): boolean {
    const [first] = this.#latest;
    const last = this.#latest.at(-1);
    if (this.#latest.length < ANSWERS || first === undefined || last === undefined) return false;
    const grows = this.#latest.every((bytes, index) => bytes >= (this.#latest[index - 1] ?? 0));
    return grows && last > first && 2 * last - first > limit;
  }
}
