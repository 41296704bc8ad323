import type { DocumentPage } from '@trivium/contracts/ocr-certification';
import { escapeLine, escapeMarkdown, quote } from './markdown.js';
import type { Phrases } from './phrases.js';

/** More than this is for a file, not for an answer. */
const MAX_LINES = 400;

/** The words of a picture or document as they stand, as a block quote. */
export function renderText(label: string, pages: readonly DocumentPage[], phrases: Phrases): string {
  const name = escapeMarkdown(label);
  const lines: string[] = [];
  for (const { page, lines: read } of pages) {
    if (read.length === 0) continue;
    if (pages.length > 1) lines.push(...(lines.length > 0 ? [''] : []), `**${phrases.page(page)}**`, '');
    lines.push(...read.map(({ text }) => escapeLine(text)).filter((text) => text !== ''));
  }
  if (lines.length === 0) return phrases.noTextIn(name);
  const shown = lines.length > MAX_LINES ? [...lines.slice(0, MAX_LINES), phrases.cut] : lines;
  return `**${phrases.textIn(name)}**\n\n${quote(shown)}`;
}
