import {
  type DocumentField,
  type Invoice,
  INVOICE_DETAILS,
  INVOICE_ITEM_CELLS,
} from '@trivium/contracts/invoice';
import type { DocumentTruth } from '../document/document.js';
import type { Mistake, Tally } from './compare.js';

export interface Comparison {
  readonly kind: boolean;
  /** Fields and details that stand on the page, and such as were read where nothing stands. */
  readonly fields: Tally;
  /** The total alone. */
  readonly total: Tally;
  /** Rows all of whose cells are right. */
  readonly rows: Tally;
  readonly verdict: boolean;
  /** A total that is not what the page says, or a page that contradicts itself, was let pass. */
  readonly wrongPass: boolean;
  readonly mistakes: readonly Mistake[];
}

/** Exact agreement with what was drawn. Values that neither has are not counted. */
export function compareDocument(file: string, truth: DocumentTruth, invoice: Invoice | null): Comparison {
  const mistakes: Mistake[] = [];
  const agree = (value: string, expected: string | null, read: string | null): boolean => {
    const right = plain(expected) === plain(read);
    if (!right) mistakes.push({ file, value, expected, read });
    return right;
  };
  const outcomes: boolean[] = [];
  const compare = (
    name: string,
    expected: string | null,
    field: DocumentField | null | undefined,
  ): boolean => {
    const read = textOf(field);
    if (expected === null && read === null) return true;
    const right = agree(name, expected, read);
    outcomes.push(right);
    return right;
  };
  let total = false;
  for (const [name, expected] of Object.entries(truth.fields)) {
    const right = compare(name, expected, invoice?.fields[name as keyof Invoice['fields']]);
    if (name === 'total') total = right;
  }
  for (const name of INVOICE_DETAILS[truth.kind]) {
    compare(name, truth.details[name] ?? null, invoice?.details[name]);
  }
  const rows = truth.items.map((item, index) => {
    const read = invoice?.items[index];
    return INVOICE_ITEM_CELLS.map((cell) =>
      agree(`items[${index}].${cell}`, starless(item[cell]), starless(textOf(read?.[cell]))),
    ).every(Boolean);
  });
  const surplus = Math.max(0, (invoice?.items.length ?? 0) - truth.items.length);
  if (surplus > 0) agree('items.length', String(truth.items.length), String(invoice?.items.length));
  const verdict = agree('verdict', truth.verdict, invoice?.verdict ?? null);
  const kind = agree('kind', truth.kind, invoice?.documentType.kind ?? null);
  return {
    kind,
    fields: tally(outcomes),
    total: tally([total]),
    rows: { right: rows.filter(Boolean).length, of: rows.length + surplus },
    verdict,
    wrongPass: invoice?.verdict === 'PASS' && (!total || truth.verdict !== 'PASS'),
    mistakes,
  };
}

const textOf = (field: DocumentField | null | undefined): string | null =>
  field == null ? null : (field.normalized ?? field.value);

const tally = (outcomes: readonly boolean[]): Tally => ({
  right: outcomes.filter(Boolean).length,
  of: outcomes.length,
});

/** Blanks tell nothing apart. */
const plain = (value: string | null): string | null => value?.replace(/\s/g, '') ?? null;

/** Nor do the stars around the category of goods, which readers lose. */
const starless = (value: string | null): string | null => value?.replaceAll('*', '') ?? null;
