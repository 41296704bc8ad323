interface Pattern {
  readonly text: string;
  /** Per prefix length minus one: the longest proper prefix that is also its suffix (Knuth, Morris, Pratt 1977). */
  readonly borders: readonly number[];
  matched: number;
}

/**
 * Ends a text at the first stop string to be complete. What may still become one is held back, at most
 * one character less than the longest; the stop string itself and all that follows are dropped.
 * Time is linear in the text, whatever the pieces.
 */
export class StopStrings {
  readonly #patterns: readonly Pattern[];
  #held = '';
  #stopped = false;

  /** @param stops Empty ones count for nothing. */
  constructor(stops: readonly string[]) {
    this.#patterns = stops
      .filter((text) => text !== '')
      .map((text) => ({ text, borders: bordersOf(text), matched: 0 }));
  }

  /** The next piece; `text` is what may be shown now. */
  push(text: string): { text: string; stopped: boolean } {
    if (this.#stopped) return { text: '', stopped: true };
    const whole = this.#held + text;
    for (let at = 0; at < text.length; at += 1) {
      const length = this.#advance(text.charAt(at));
      if (length === 0) continue;
      this.#stopped = true;
      const end = this.#held.length + at + 1;
      this.#held = '';
      return { text: whole.slice(0, end - length), stopped: true };
    }
    const hold = this.#patterns.reduce((most, { matched }) => Math.max(most, matched), 0);
    this.#held = whole.slice(whole.length - hold);
    return { text: whole.slice(0, whole.length - hold), stopped: false };
  }

  /** What was held back, when the text ends without a stop string. */
  flush(): string {
    const held = this.#held;
    this.#held = '';
    for (const pattern of this.#patterns) pattern.matched = 0;
    return held;
  }

  /** Length of the longest stop string that the character completes; 0: none. */
  #advance(char: string): number {
    let longest = 0;
    for (const pattern of this.#patterns) {
      while (pattern.matched > 0 && pattern.text.charAt(pattern.matched) !== char) {
        pattern.matched = pattern.borders[pattern.matched - 1] ?? 0;
      }
      if (pattern.text.charAt(pattern.matched) === char) pattern.matched += 1;
      if (pattern.matched === pattern.text.length) longest = Math.max(longest, pattern.matched);
    }
    return longest;
  }
}

function bordersOf(text: string): number[] {
  const borders = [0];
  let length = 0;
  for (let at = 1; at < text.length; at += 1) {
    while (length > 0 && text.charAt(at) !== text.charAt(length)) length = borders[length - 1] ?? 0;
    if (text.charAt(at) === text.charAt(length)) length += 1;
    borders.push(length);
  }
  return borders;
}
