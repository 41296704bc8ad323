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

/** Best class of each step, repeats merged, blanks dropped. `probabilities` holds `steps` rows of classes. */
export function decodeCtc(
  probabilities: Float32Array,
  steps: number,
  classes: number,
  dictionary: readonly string[],
): Reading {
  let text = '';
  let sum = 0;
  let count = 0;
  let previous = BLANK;
  for (let step = 0; step < steps; step += 1) {
    const start = step * classes;
    let best = BLANK;
    let highest = probabilities[start] ?? 0;
    // A probability above one half cannot be beaten, and the blank usually has it.
    for (let index = 1; index < classes && highest <= 0.5; index += 1) {
      const value = probabilities[start + index] ?? 0;
      if (value > highest) {
        highest = value;
        best = index;
      }
    }
    if (best !== BLANK && best !== previous) {
      text += dictionary[best - 1] ?? '';
      sum += highest;
      count += 1;
    }
    previous = best;
  }
  return { text, confidence: count === 0 ? 0 : Math.min(1, sum / count) };
}
