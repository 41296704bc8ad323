/** What is compared: width, case, spaces and the currency sign do not make a reading wrong. */
export function normalise(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\s¥￥·•]/gu, '')
    .toUpperCase();
}

/** A value this long may be broken onto a second line of its cell. */
const BREAKABLE = 12;
const SHORTEST_PART = 4;

/** Whether a value can be found in the lines, whole, or broken once. */
export function contains(lines: readonly string[], value: string): boolean {
  if (lines.some((line) => line.includes(value))) return true;
  if (value.length < BREAKABLE) return false;
  for (let cut = SHORTEST_PART; cut <= value.length - 2; cut += 1) {
    const [head, tail] = [value.slice(0, cut), value.slice(cut)];
    if (lines.some((line) => line.includes(head)) && lines.some((line) => line.startsWith(tail))) return true;
  }
  return false;
}

/** Fewest edits that turn some part of the line into the value. */
export function distanceWithin(line: string, value: string): number {
  let previous = new Array<number>(line.length + 1).fill(0); // beginning anywhere costs nothing
  for (let i = 1; i <= value.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= line.length; j += 1) {
      const replaced = (previous[j - 1] ?? 0) + (value[i - 1] === line[j - 1] ? 0 : 1);
      current[j] = Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, replaced);
    }
    previous = current;
  }
  return Math.min(...previous); // and so does ending anywhere
}

export interface Score {
  readonly values: number;
  readonly found: number;
  readonly characters: number;
  readonly edits: number;
}

export const NOTHING: Score = { values: 0, found: 0, characters: 0, edits: 0 };

/** Recall of whole values and the edits that the others are away, each against its nearest line. */
export function scorePage(texts: readonly string[], printed: readonly string[]): Score {
  const lines = texts.map(normalise);
  return printed.map(normalise).reduce((score, value) => {
    const found = contains(lines, value);
    const edits = found ? 0 : Math.min(value.length, ...lines.map((line) => distanceWithin(line, value)));
    return {
      values: score.values + 1,
      found: score.found + (found ? 1 : 0),
      characters: score.characters + value.length,
      edits: score.edits + edits,
    };
  }, NOTHING);
}

export function addScores(one: Score, other: Score): Score {
  return {
    values: one.values + other.values,
    found: one.found + other.found,
    characters: one.characters + other.characters,
    edits: one.edits + other.edits,
  };
}
