import type { DocumentField } from '@trivium/contracts/invoice';
import type { Reading } from '../layout/row.js';
import { normalizeTaxId } from '../value/tax-id.js';
import { fieldOf, normalizeName } from './field.js';
import { type Label, type LabelledRow, valueAfter } from './labels.js';

export interface Party {
  readonly name: DocumentField | null;
  readonly taxId: DocumentField | null;
}

/** Where the item table stands: parties above it are told apart by side, the one below is the seller. */
export interface TablePlace {
  readonly top: number;
  readonly bottom: number;
  readonly middle: number;
}

interface Found {
  readonly kind: 'name' | 'taxId';
  readonly x: number;
  readonly y: number;
  readonly reading: Reading | null;
}

/** Fewer characters are no attempt at a tax id, more are two values run together. */
const TAX_ID = /[0-9A-Z](?:\s*[0-9A-Z]){13,21}/;

export function readParties(
  rows: readonly LabelledRow[],
  place: TablePlace,
  page: number,
): { readonly buyer: Party; readonly seller: Party } {
  const found = rows.flatMap((row) => [...partyLabels(row), ...unlabelledTaxIds(row)]);
  const sellers = found.filter(({ x, y }) => y > place.bottom || (y < place.top && x > place.middle));
  const buyers = found.filter(({ x, y }) => y < place.top && x <= place.middle);
  return { buyer: partyOf(buyers, rows, page), seller: partyOf(sellers, rows, page) };
}

function partyLabels(labelledRow: LabelledRow): Found[] {
  return labelledRow.labels.flatMap((label): Found[] => {
    if (label.name === 'partyName') return [{ kind: 'name', ...placeOf(labelledRow, label) }];
    if (label.name === 'taxId') return [{ kind: 'taxId', ...placeOf(labelledRow, label) }];
    return [];
  });
}

/** The label may be lost where the id itself is clear. */
function unlabelledTaxIds({ row, labels }: LabelledRow): Found[] {
  if (labels.some(({ name }) => name === 'taxId')) return [];
  return [...row.text.matchAll(/(?<![0-9A-Z])[159][0-9A-Z]{17}(?![0-9A-Z])/g)].flatMap((match): Found[] => {
    const reading = row.read(match.index, match.index + match[0].length);
    return reading === null ? [] : [{ kind: 'taxId', x: reading.left, y: row.middle, reading }];
  });
}

function placeOf(labelledRow: LabelledRow, label: Label): Omit<Found, 'kind'> {
  const { row } = labelledRow;
  return { x: row.glyphs[label.start]?.left ?? 0, y: row.middle, reading: valueAfter(labelledRow, label) };
}

function partyOf(found: readonly Found[], rows: readonly LabelledRow[], page: number): Party {
  const taxId = found.find(({ kind }) => kind === 'taxId');
  const name = found.find(({ kind, reading }) => kind === 'name' && reading !== null)?.reading;
  return {
    name: nameField(name ?? (taxId === undefined ? null : nameAbove(taxId, rows)), page),
    taxId: taxIdField(taxId?.reading ?? null, page),
  };
}

function nameField(reading: Reading | null, page: number): DocumentField | null {
  if (reading === null) return null;
  const name = normalizeName(reading.text);
  return name.length < 2 ? null : fieldOf(reading, page, name);
}

function taxIdField(reading: Reading | null, page: number): DocumentField | null {
  if (reading === null) return null;
  const match = TAX_ID.exec(reading.folded.toUpperCase());
  return match === null ? null : fieldOf(reading, page, normalizeTaxId(match[0]));
}

/** A name after what may be left of its label and of the words that run down the form's edge. */
const NAME_AFTER_DEBRIS =
  /(?<=^(?:[购买销售方信息]\s)?[名称: ]*)(?![购买销售方信息]\s|[名称: ])[\p{Script=Han}A-Za-z0-9() ]{4,}/u;

/** The name stands right above the tax id; its own label may be lost. */
function nameAbove(taxId: Found, rows: readonly LabelledRow[]): Reading | null {
  const above = rows
    .filter(({ row }) => row.middle < taxId.y && taxId.y - row.middle < 3 * row.height)
    .toSorted((a, b) => b.row.middle - a.row.middle);
  for (const { row, labels } of above) {
    if (labels.length > 0) continue;
    const start = row.glyphs.findIndex(
      (glyph) => glyph.left >= taxId.x - 3 * row.height && glyph.span !== null,
    );
    if (start === -1) continue;
    const match = NAME_AFTER_DEBRIS.exec(row.text.slice(start));
    if (match === null) continue;
    let end = start + match.index;
    while (end < start + match.index + match[0].length && row.gapAt(end) < 1.8) end += 1;
    const reading = row.read(start + match.index, end);
    if (reading !== null && reading.text.length >= 4) return reading;
  }
  return null;
}
