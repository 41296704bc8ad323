/** Doubles from `first` to `most`, less up to a quarter so that replicas do not knock together. */
export function retryDelay(
  attempt: number,
  { first, most }: { readonly first: number; readonly most: number },
  random: () => number = Math.random,
): number {
  const full = Math.min(most, first * 2 ** Math.min(attempt, 30));
  return Math.round(full * (1 - random() / 4));
}
