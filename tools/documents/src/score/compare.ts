import { type Invoice, INVOICE_ITEM_CELLS } from '@trivium/contracts/invoice';
import type { InvoiceTruth } from '../invoice/truth.js';

export interface Mistake {
  readonly file: string;
  readonly value: string;
  readonly expected: string | null;
  readonly read: string | null;
}

export interface Score {
  readonly fields: Tally;
  readonly cells: Tally;
  readonly verdicts: Tally;
  readonly mistakes: readonly Mistake[];
}

export interface Tally {
  readonly right: number;
  readonly of: number;
}

/** Exact agreement, field by field and cell by cell; a value read where nothing is printed is wrong too. */
export function compareInvoice(truth: InvoiceTruth, invoice: Invoice | null): Score {
  const mistakes: Mistake[] = [];
  const agree = (value: string, expected: string | null, read: string | null): boolean => {
    const right = plain(expected, value) === plain(read, value);
    if (!right) mistakes.push({ file: truth.file, value, expected, read });
    return right;
  };
  const fields = Object.entries(truth.fields).map(([name, expected]) => {
    const field = invoice?.fields[name as keyof Invoice['fields']];
    return agree(name, expected, field == null ? null : (field.normalized ?? field.value));
  });
  const cells = truth.items.flatMap((item, index) =>
    INVOICE_ITEM_CELLS.map((cell) => {
      const field = invoice?.items[index]?.[cell];
      return agree(
        `items[${index}].${cell}`,
        item[cell],
        field == null ? null : (field.normalized ?? field.value),
      );
    }),
  );
  const surplus = Math.max(0, (invoice?.items.length ?? 0) - truth.items.length);
  for (let index = 0; index < surplus; index += 1) cells.push(agree('items.length', null, 'surplus row'));
  const verdict = agree('verdict', truth.verdict, invoice?.verdict ?? null);
  return {
    fields: tally(fields),
    cells: tally(cells),
    verdicts: tally([verdict]),
    mistakes,
  };
}

export function addTallies(tallies: readonly Tally[]): Tally {
  return {
    right: tallies.reduce((sum, { right }) => sum + right, 0),
    of: tallies.reduce((sum, { of }) => sum + of, 0),
  };
}

const tally = (outcomes: readonly boolean[]): Tally => ({
  right: outcomes.filter(Boolean).length,
  of: outcomes.length,
});

/** Blanks tell nothing apart, nor do the stars around the category of goods. */
function plain(value: string | null, name: string): string | null {
  return value?.replace(name.endsWith('.name') ? /[\s*]/g : /\s/g, '') ?? null;
}
