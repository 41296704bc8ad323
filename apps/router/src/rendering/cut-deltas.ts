import type { TextDelta } from '@trivium/contracts/generate';
import type { z } from 'zod';

type Delta = z.output<typeof TextDelta>;

/**
 * Cuts rendered Markdown where a client can show it at once: a line each, a table's head together with
 * its first row, since a head alone is not yet a table. Each ends something that can be shown or spoken.
 */
export function cutDeltas(markdown: string): Delta[] {
  const deltas: Delta[] = [];
  let pending = '';
  const lines = markdown.match(/[^\n]*\n+|[^\n]+$/g) ?? [];
  for (const [index, line] of lines.entries()) {
    pending += line;
    if (isRule(lines[index + 1]) || isRule(line)) continue;
    deltas.push({ type: 'text-delta', text: pending, sentenceEnd: true });
    pending = '';
  }
  if (pending !== '') deltas.push({ type: 'text-delta', text: pending, sentenceEnd: true });
  return deltas;
}

/** The line between a table's head and its rows. */
function isRule(line: string | undefined): boolean {
  return line !== undefined && /^\|( --- \|)+\n*$/.test(line);
}
