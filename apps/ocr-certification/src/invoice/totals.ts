import type { DocumentField } from '@trivium/contracts/invoice';
import type { Reading, Row } from '../layout/row.js';
import { parseAmountInWords, stripSign, WORDS_PATTERN } from '../value/amount-in-words.js';
import { columnAt, type ItemTable } from './columns.js';
import { amountField, fieldOf } from './field.js';
import type { LabelledRow } from './labels.js';

export interface Totals {
  readonly netAmount: DocumentField | null;
  readonly taxAmount: DocumentField | null;
  readonly totalInWords: DocumentField | null;
  readonly total: DocumentField | null;
  /** Middle of the 合计 row, or of the row of words where it was not found: items end above. */
  readonly itemsEnd: number;
  /** Middle of the row that states the total in words and figures. */
  readonly wordsRow: number | null;
}

/** A number with the form of an amount, and how it is printed in the row. */
const AMOUNT = /(?:[¥Y]\s*)?-?\d[\d,]*(?:\s?\.\s?\d{1,2})?(?!\d)|\*+/g;
const SIGNED = /[¥Y]/;
const WORDS_CHARACTERS = 4;
/** A gap of this many line heights ends the words. */
const ENDS_WORDS = 2;

export function readTotals(rows: readonly LabelledRow[], table: ItemTable | null, page: number): Totals {
  const below = rows.filter(({ row }) => table === null || row.middle > table.head.middle);
  const words = findWordsRow(below);
  const sums = findSumsRow(below, table, words?.row.middle ?? Number.POSITIVE_INFINITY);
  const { netAmount, taxAmount } = sums === null ? NO_SUMS : readSums(sums, table, page);
  return {
    netAmount,
    taxAmount,
    totalInWords: words === null ? null : readWords(words, page),
    total: words === null ? null : readFigures(words, page),
    itemsEnd: sums?.middle ?? words?.row.middle ?? Number.POSITIVE_INFINITY,
    wordsRow: words?.row.middle ?? null,
  };
}

const NO_SUMS = { netAmount: null, taxAmount: null };

function findWordsRow(rows: readonly LabelledRow[]): LabelledRow | null {
  const labelled = rows.find(({ labels }) => labels.some(({ name }) => name === 'grandTotal'));
  return (
    labelled ??
    rows.find(({ labels }) => labels.some(({ name }) => name === 'figures')) ??
    rows.find(({ row }) => (WORDS_PATTERN.exec(row.text)?.[0].length ?? 0) >= WORDS_CHARACTERS) ??
    null
  );
}

/** The row marked 合计, or else the last row above the words whose amounts carry the currency sign. */
function findSumsRow(rows: readonly LabelledRow[], table: ItemTable | null, end: number): Row | null {
  const before = rows.filter(({ row }) => row.middle < end);
  const labelled = before.filter(({ labels }) => labels.some(({ name }) => name === 'sum'));
  const candidates = [...labelled, ...before.toReversed().filter(({ row }) => SIGNED.test(row.text))];
  for (const { row } of candidates) {
    const beside = withRowsBeside(
      row,
      before.map((other) => other.row),
    );
    if (amountsIn(beside).length > 0 && (table === null || row.middle > table.head.middle)) return beside;
  }
  return null;
}

/** The label and the amounts of the row may have come apart on a slanted photo. */
function withRowsBeside(row: Row, rows: readonly Row[]): Row {
  return amountsIn(row).length > 1
    ? row
    : (rows.find(
        (other) =>
          other !== row &&
          Math.abs(other.middle - row.middle) < 0.9 * row.height &&
          amountsIn(other).length > 0,
      ) ?? row);
}

interface PlacedAmount {
  readonly reading: Reading;
  readonly signed: boolean;
}

function amountsIn(row: Row): PlacedAmount[] {
  return [...row.text.matchAll(AMOUNT)].flatMap((match) => {
    const reading = row.read(match.index, match.index + match[0].length);
    return reading === null ? [] : [{ reading, signed: SIGNED.test(match[0]) }];
  });
}

function readSums(row: Row, table: ItemTable | null, page: number): Pick<Totals, 'netAmount' | 'taxAmount'> {
  const amounts = amountsIn(row);
  const centre = ({ reading }: PlacedAmount): number => (reading.left + reading.right) / 2;
  const [first, second] = amounts;
  if (table === null) {
    return { netAmount: field(first, page), taxAmount: field(second, page) };
  }
  return {
    netAmount: field(
      amounts.find((amount) => columnAt(table, centre(amount)) === 'amount'),
      page,
    ),
    taxAmount: field(
      amounts.findLast((amount) => columnAt(table, centre(amount)) === 'taxAmount'),
      page,
    ),
  };
}

const field = (amount: PlacedAmount | undefined, page: number): DocumentField | null =>
  amount === undefined ? null : amountField(amount.reading, page);

/** Everything between 大写 and the next label or gap, so that a numeral that was misread is not cut away. */
function readWords({ row, labels }: LabelledRow, page: number): DocumentField | null {
  const label = labels.find(({ name }) => name === 'grandTotal');
  const from = label?.end ?? WORDS_PATTERN.exec(row.text)?.index ?? row.text.length;
  const end =
    labels.find(({ start }) => start >= from && start > (label?.start ?? -1))?.start ?? row.text.length;
  const printed = row.text.slice(from, end);
  const first = printed.search(/\p{Script=Han}|\((?=负)/u);
  if (first === -1) return null;
  const start = from + first;
  let stop = start;
  while (stop < end && row.gapAt(stop) < ENDS_WORDS) stop += 1;
  const text = row.text.slice(start, stop);
  const words = stripSign(text);
  const reading = row.read(start + text.length - words.length, stop);
  if (reading === null || !WORDS_PATTERN.test(reading.folded)) return null;
  const amount = parseAmountInWords(reading.folded);
  return fieldOf(reading, page, amount === null ? null : amount.toFixed(2));
}

/** After 小写, or the last amount of the row where that label was not read. */
function readFigures({ row, labels }: LabelledRow, page: number): DocumentField | null {
  const label = labels.find(({ name }) => name === 'figures');
  const left = label === undefined ? Number.NEGATIVE_INFINITY : (row.glyphs[label.end - 1]?.left ?? 0);
  const amounts = amountsIn(row).filter(({ reading }) => reading.left >= left);
  return field(
    amounts.find(({ signed }) => signed) ?? (label === undefined ? amounts.at(-1) : amounts[0]),
    page,
  );
}
