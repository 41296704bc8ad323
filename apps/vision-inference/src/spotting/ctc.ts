export interface Reading {
  readonly text: string;
  /** Mean probability of the characters; 0 for no text. */
  readonly confidence: number;
}

/** The class for "no character here"; the dictionary starts after it. */
const BLANK = 0;

/** PaddleOCR's alphabet: the file's lines, then the space. */
export function parseDictionary(bytes: Uint8Array): string[] {
  const lines = new TextDecoder().decode(bytes).split(/\r?\n/u);
  if (lines.at(-1) === '') lines.pop();
  return [...lines, ' '];
}

/** Best class of each step, repeats merged, blanks dropped. */
export function decodeCtc(
  classes: Float32Array,
  probabilities: Float32Array,
  dictionary: readonly string[],
): Reading {
  let text = '';
  let sum = 0;
  let count = 0;
  let previous = BLANK;
  classes.forEach((best, step) => {
    if (best !== BLANK && best !== previous) {
      const character = dictionary[best - 1];
      if (character === undefined) throw new RangeError(`The dictionary has no character ${best}`);
      text += character;
      sum += probabilities[step] ?? 0;
      count += 1;
    }
    previous = best;
  });
  return { text, confidence: count === 0 ? 0 : Math.min(1, sum / count) };
}
