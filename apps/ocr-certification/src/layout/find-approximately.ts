export interface Match {
  /** Indexes into the text searched, blanks counted. */
  readonly start: number;
  readonly end: number;
  readonly errors: number;
}

/**
 * Every place where the pattern stands with at most `maxErrors` characters wrong, missing or added
 * (edit distance); blanks in the text do not count. Of places that overlap, the best.
 */
export function findApproximately(text: string, pattern: string, maxErrors: number): Match[] {
  const positions = Array.from(text, (_, index) => index).filter((index) => text.charAt(index) !== ' ');
  const matches: Match[] = [];
  // @NOTE one column of the edit-distance table; each cell also remembers where its alignment began
  let costs = Array.from({ length: pattern.length + 1 }, (_, row) => ({ cost: row, from: 0 }));
  positions.forEach((position, index) => {
    const next = [{ cost: 0, from: index + 1 }];
    for (let row = 1; row <= pattern.length; row += 1) {
      const diagonal = at(costs, row - 1);
      const same = text.charAt(position) === pattern.charAt(row - 1);
      const choices = [
        { cost: diagonal.cost + (same ? 0 : 1), from: row === 1 ? index : diagonal.from },
        { cost: at(costs, row).cost + 1, from: at(costs, row).from },
        { cost: at(next, row - 1).cost + 1, from: at(next, row - 1).from },
      ];
      next.push(choices.reduce((best, choice) => (isBetter(choice, best) ? choice : best)));
    }
    costs = next;
    const { cost, from } = at(costs, pattern.length);
    const start = positions[from];
    if (cost <= maxErrors && start !== undefined && start <= position) {
      keepBest(matches, { start, end: position + 1, errors: cost });
    }
  });
  return matches;
}

/** Of alignments that cost the same the shortest, so that a match takes nothing from what stands before it. */
const isBetter = (one: Alignment, other: Alignment): boolean =>
  one.cost < other.cost || (one.cost === other.cost && one.from > other.from);

function keepBest(matches: Match[], match: Match): void {
  const last = matches.at(-1);
  if (last === undefined || last.end <= match.start) matches.push(match);
  else if (match.errors <= last.errors) matches[matches.length - 1] = match;
}

interface Alignment {
  readonly cost: number;
  readonly from: number;
}

const FAR: Alignment = { cost: Number.POSITIVE_INFINITY, from: 0 };
const at = (cells: readonly Alignment[], index: number): Alignment => cells[index] ?? FAR;
