import type { LayoutBlock } from '@trivium/contracts/ocr-certification';

/** The blocks of a page as Markdown; what stands on the page gets no power of its own. */
export function markdownOf(blocks: readonly Pick<LayoutBlock, 'type' | 'rows'>[]): string {
  return blocks.map(write).join('\n\n');
}

function write({ type, rows }: Pick<LayoutBlock, 'type' | 'rows'>): string {
  const texts = rows.map((row) => row.map(escape));
  switch (type) {
    case 'title':
      return `# ${texts[0]?.[0] ?? ''}`;
    case 'paragraph':
      return escapeStart(texts[0]?.[0] ?? '');
    case 'key-value':
      return texts.map(([key = '', value = '']) => `- **${key}**: ${value}`).join('\n');
    case 'table': {
      const [head = [], ...body] = texts.map((row) => `| ${row.join(' | ')} |`);
      const rule = `|${(rows[0] ?? []).map(() => ' --- |').join('')}`;
      return [head, rule, ...body].join('\n');
    }
  }
}

/** Shown as it is, with no power to become a picture, a link, HTML or a cell. */
function escape(text: string): string {
  return text
    .replace(/\s+/gu, ' ')
    .trim()
    .replace(/[\\`*_[\]<>|~]/g, '\\$&')
    .replace(/:\/\//g, ':\\//');
}

/** Nor a heading or a list where a line begins. */
function escapeStart(text: string): string {
  return text.replace(/^(#+|[+=-]+|\d+[.)])(?= |$)/, (marker) =>
    /\d/.test(marker) ? `${marker.slice(0, -1)}\\${marker.slice(-1)}` : `\\${marker}`,
  );
}
