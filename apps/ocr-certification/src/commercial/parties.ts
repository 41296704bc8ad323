import type { DocumentField } from '@trivium/contracts/invoice';
import type { Reading } from '../layout/row.js';
import { fieldOf } from '../invoice/field.js';
import type { EnglishLabel, EnglishRow } from './english-labels.js';
import { below, endOfRun, rightOf } from './places.js';

/** The customer stands to the right of `Bill to` or in the line below. */
export function readBuyer(rows: readonly EnglishRow[], page: number): DocumentField | null {
  return labelledParty(rows, 'buyer', page);
}

/** The vendor has a label, or else it heads the page. */
export function readSeller(rows: readonly EnglishRow[], page: number): DocumentField | null {
  return labelledParty(rows, 'seller', page) ?? headOfPage(rows, page);
}

function labelledParty(rows: readonly EnglishRow[], name: EnglishLabel, page: number): DocumentField | null {
  for (const labelled of rows) {
    for (const label of labelled.labels) {
      if (label.name !== name) continue;
      const beside = rightOf(labelled, label);
      const near = beside !== null && isNear(labelled, label.end, beside) ? beside : null;
      const reading = near ?? below(rows, labelled, label);
      if (reading !== null && isName(reading.folded)) return nameField(reading, page);
    }
  }
  return null;
}

/** What stands far to the right in the row is another column's. */
function isNear({ row }: EnglishRow, from: number, reading: Reading): boolean {
  const end = row.glyphs[from - 1]?.right ?? 0;
  return reading.left - end < 4 * row.height;
}

/** The first line that is a name and no title of a paper. */
function headOfPage(rows: readonly EnglishRow[], page: number): DocumentField | null {
  for (const { row, labels } of rows.slice(0, 8)) {
    if (labels.some(({ name }) => name !== 'other' && name !== 'taxId')) continue;
    for (let start = 0; start < row.text.length; start += 1) {
      if (row.text.charAt(start) === ' ') continue;
      const end = endOfRun(row, start);
      const reading = row.read(start, end);
      if (reading !== null && isName(reading.folded)) return nameField(reading, page);
      start = end;
    }
  }
  return null;
}

const TITLE = /^(?:tax\s*)?(?:invoice|receipt|bill|sales\s*receipt|original|copy|page\b.*)$/i;

const isName = (text: string): boolean =>
  /[A-Za-z]{3}/.test(text) && !TITLE.test(text.trim()) && !/^(?:\d\s|\d{2,})/.test(text.trim());

function nameField(reading: Reading, page: number): DocumentField {
  return fieldOf(
    reading,
    page,
    reading.text
      .replace(/\s+/g, ' ')
      .replace(/\b0(?=[a-z])/g, 'O')
      .trim(),
  );
}
