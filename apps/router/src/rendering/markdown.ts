/** Text from a document inside Markdown: shown as it is, with no power to become a picture, a link or a cell. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/\s+/gu, ' ')
    .trim()
    .replace(/[\\`*_[\]<>|~]/g, '\\$&')
    .replace(/:\/\//g, ':\\//');
}

/** The same for a line of its own, which must not become a heading or a list either. */
export function escapeLine(text: string): string {
  return escapeMarkdown(text).replace(/^(#+|[+=-]+|\d+[.)])(?= |$)/, (marker) =>
    /\d/.test(marker) ? `${marker.slice(0, -1)}\\${marker.slice(-1)}` : `\\${marker}`,
  );
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A block quote that keeps its lines. */
export function quote(lines: readonly string[]): string {
  return lines.map((line) => (line === '' ? '>' : `> ${line}`)).join('  \n');
}
