/**
 * Repeatable random numbers. `mulberry32` (public domain, Tommy Ettinger): 32 bits of state, passes
 * gjrand, and quick enough to fill a model of 22 million weights in a second.
 */
export class Random {
  #state: number;
  #spare: number | undefined;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to but not including 1. */
  uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 up to but not including `limit`. */
  below(limit: number): number {
    return Math.floor(this.uniform() * limit);
  }

  /** Mean 0, deviation 1 (Box and Muller; the second value of each pair is kept for the next call). */
  normal(): number {
    const spare = this.#spare;
    if (spare !== undefined) {
      this.#spare = undefined;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  normals(count: number, deviation = 1, mean = 0): Float32Array {
    const values = new Float32Array(count);
    for (let index = 0; index < count; index += 1) values[index] = mean + deviation * this.normal();
    return values;
  }
}
