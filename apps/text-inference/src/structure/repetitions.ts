/** Each counted repetition is a rule of its own in the compiled grammar, which takes square time of them. */
const MOST_OF_ONE = 256;
const MOST_OF_ALL = 2048;

/** Says how often something comes, and counts no more than compiles soon: the rest is left to the check of the finished answer. */
export class Repetitions {
  #left = MOST_OF_ALL;
  readonly #known = new Map<string, string>();

  /** The repetition of `piece`, whose name or expression it is, from `least` to `most` times. */
  of(piece: string, least: number, most: number): string {
    const key = `${least} ${most} ${piece}`;
    const times = this.#known.get(key) ?? this.#times(Math.max(0, least), most);
    this.#known.set(key, times);
    return `${piece}${times}`;
  }

  #times(least: number, most: number): string {
    const counted = most === Infinity ? least : most;
    if (counted > MOST_OF_ONE || counted > this.#left) return least === 0 ? '*' : '+';
    this.#left -= counted;
    if (most === Infinity) return least === 0 ? '*' : `{${least},}`;
    return `{${least},${most}}`;
  }
}
