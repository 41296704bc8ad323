import type { InvoiceKind } from '@trivium/contracts/invoice';
import { KIND_RULES } from './kind-rules.js';
import type { LabelledRow, LabelName } from './labels.js';

export interface DocumentType {
  readonly kind: InvoiceKind;
  readonly value: string;
  readonly confidence: number;
}

interface TitleRule {
  readonly pattern: RegExp;
  readonly kind: InvoiceKind;
  readonly value: string;
}

/** The most specific first; brackets may be lost. */
const TITLES: readonly TitleRule[] = [
  { pattern: /电子发票\(?增值税专用发/, kind: 'digital-special', value: '电子发票（增值税专用发票）' },
  { pattern: /电子发票\(?普通发/, kind: 'digital-general', value: '电子发票（普通发票）' },
  { pattern: /增值税电子专用发票/, kind: 'vat-special', value: '增值税电子专用发票' },
  { pattern: /增值税电子普通发票/, kind: 'vat-general', value: '增值税电子普通发票' },
  { pattern: /增值税专用发票/, kind: 'vat-special', value: '增值税专用发票' },
  { pattern: /增值税普通发票/, kind: 'vat-general', value: '增值税普通发票' },
];

/** Labels that together stand on no other document. */
const TELLING: readonly LabelName[] = [
  'code',
  'number',
  'date',
  'taxId',
  'sum',
  'grandTotal',
  'figures',
  'checkCode',
];
const ENOUGH = 4;

/**
 * What kind of invoice the page is, or null when it is none. Without a legible title the labels of
 * the form decide, with less confidence.
 */
export function recognizeDocumentType(
  rows: readonly LabelledRow[],
  hasItemTable: boolean,
): DocumentType | null {
  const present = new Set(rows.flatMap(({ labels }) => labels.map(({ name }) => name)));
  const evidence = TELLING.filter((name) => present.has(name)).length + (hasItemTable ? 1 : 0);
  const support = Math.min(1, evidence / ENOUGH);
  for (const { pattern, kind, value } of TITLES) {
    for (const { row } of rows) {
      const match = pattern.exec(row.text.replaceAll(' ', ''));
      if (match === null || evidence < 2) continue;
      const confidence = row.read(0, row.text.length)?.confidence ?? 0;
      return { kind, value, confidence: confidence * support };
    }
  }
  if (evidence < ENOUGH || !(present.has('number') || present.has('grandTotal'))) return null;
  const text = rows.map(({ row }) => row.text.replaceAll(' ', '')).join('\n');
  const kind = guessKind(text, present);
  return { kind, value: KIND_RULES[kind].title, confidence: 0.5 * support };
}

/** The title itself was not read: the number's length and the form's own labels narrow it down. */
function guessKind(text: string, present: ReadonlySet<LabelName>): InvoiceKind {
  const digital = /(?<!\d)\d{20}(?!\d)/.test(text) && !present.has('code') && !present.has('checkCode');
  if (digital) return text.includes('专用') ? 'digital-special' : 'digital-general';
  return 'vat';
}
