import type { Row } from './benchmark.js';

const HEADINGS = ['metric', 'ours', 'unit', 'peer', 'peer value', 'ratio', 'goal', 'met', 'spread'];

/** Plain text with aligned columns. */
export function renderTable(rows: readonly Row[]): string {
  const lines = [HEADINGS, ...rows.map(toCells)];
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function toCells(row: Row): string[] {
  const goal = row.goal === null ? '' : `${row.better === 'higher' ? '>=' : '<='} ${row.goal}`;
  return [
    row.metric,
    format(row.ours),
    row.unit,
    row.peer?.name ?? '',
    row.peer === null ? '' : format(row.peer.value),
    row.ratio === null ? '' : row.ratio.toFixed(2),
    goal,
    row.met === null ? '' : row.met ? 'yes' : 'NO',
    `${Math.round(row.spread * 100)} %`,
  ];
}

function format(value: number): string {
  if (value >= 1_000) return Math.round(value).toLocaleString('en-US');
  return value >= 10 ? value.toFixed(1) : value.toFixed(3);
}
