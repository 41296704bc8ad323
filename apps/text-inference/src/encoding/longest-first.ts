/**
 * How many tokens of each of two sequences stay when both together may have so many: the longer one gives first,
 * as `truncation="longest_first"` of Hugging Face tokenizers does.
 */
export function longestFirst(first: number, second: number, most: number): readonly [number, number] {
  if (first + second <= most) return [first, second];
  const kept = Math.min(first, second, Math.floor(most / 2));
  return first <= second ? [kept, most - kept] : [most - kept, kept];
}
