import type { DocumentField } from '@trivium/contracts/invoice';
import type { Reading } from '../layout/row.js';
import { DATE_PATTERN, parseDate } from '../value/date.js';
import { digitsOf } from '../value/digits.js';
import { fieldOf } from './field.js';
import { type LabelledRow, type LabelName, valueAfter } from './labels.js';

export interface IdentityFields {
  readonly code: DocumentField | null;
  readonly number: DocumentField | null;
  readonly date: DocumentField | null;
  readonly checkCode: DocumentField | null;
  /** Further prints of the code or number on the same page that read otherwise. */
  readonly contradictions: readonly ('code' | 'number')[];
}

interface Numeral {
  readonly digits: string;
  readonly reading: Reading;
  readonly height: number;
}

const SURE = 0.85;

/** Code, number, date and check code, which stand above the parties. */
export function readIdentity(rows: readonly LabelledRow[], page: number, digital: boolean): IdentityFields {
  const numerals = unlabelledNumerals(rows);
  const code = labelled(rows, 'code') ?? largest(numerals, /^(\d{10}|\d{12})$/);
  const number = labelled(rows, 'number') ?? largest(numerals, digital ? /^\d{20}$/ : /^\d{8}$/);
  const checkCode = labelled(rows, 'checkCode') ?? largest(numerals, /^\d{20}$/);
  const contradictions = [
    ...(code !== null && contradicted(code, numerals, /^(\d{10}|\d{12})$/) ? (['code'] as const) : []),
    ...(number !== null && contradicted(number, numerals, /^\d{8}$/) ? (['number'] as const) : []),
  ];
  return {
    code: digital ? null : numberField(code, page),
    number: numberField(number, page),
    date: readDate(rows, page),
    checkCode: digital ? null : numberField(checkCode, page),
    contradictions,
  };
}

function numberField(numeral: Numeral | null, page: number): DocumentField | null {
  return numeral === null ? null : fieldOf(numeral.reading, page, numeral.digits);
}

function labelled(rows: readonly LabelledRow[], name: LabelName): Numeral | null {
  for (const labelledRow of rows) {
    for (const label of labelledRow.labels) {
      if (label.name !== name) continue;
      const reading = valueAfter(labelledRow, label);
      const digits = reading === null ? '' : digitsOf(reading.folded);
      if (reading !== null && /^\d{6,24}$/.test(digits))
        return { reading, digits, height: labelledRow.row.height };
    }
  }
  return null;
}

/** Runs of digits that no label claims, such as the large prints of the paper form. */
function unlabelledNumerals(rows: readonly LabelledRow[]): Numeral[] {
  const numerals: Numeral[] = [];
  for (const { row, labels } of rows) {
    for (const match of row.text.matchAll(/(?<=^|[\s:]|N[o0°º.])\d{8,20}(?=\s|$)/g)) {
      const end = match.index + match[0].length;
      const before = labels.findLast((label) => label.end <= match.index);
      if (before !== undefined && row.text.slice(before.end, match.index).trim().length < 2) continue;
      const reading = row.read(match.index, end);
      const span = row.glyphs[match.index]?.span;
      if (reading !== null && span != null) {
        numerals.push({ reading, digits: match[0], height: span.box.bottom - span.box.top });
      }
    }
  }
  return numerals;
}

function largest(numerals: readonly Numeral[], form: RegExp): Numeral | null {
  const fitting = numerals.filter(({ digits }) => form.test(digits));
  return fitting.toSorted((a, b) => b.height - a.height)[0] ?? null;
}

function contradicted(numeral: Numeral, others: readonly Numeral[], form: RegExp): boolean {
  return others.some(
    ({ digits, reading }) =>
      form.test(digits) &&
      digits.length === numeral.digits.length &&
      digits !== numeral.digits &&
      reading.confidence >= SURE,
  );
}

function readDate(rows: readonly LabelledRow[], page: number): DocumentField | null {
  const labelledRows = rows.filter(({ labels }) => labels.some(({ name }) => name === 'date'));
  for (const { row } of [...labelledRows, ...rows]) {
    const match = DATE_PATTERN.exec(row.text);
    const reading = match === null ? null : row.read(match.index, match.index + match[0].length);
    if (reading !== null) return fieldOf(reading, page, parseDate(reading.folded));
  }
  return null;
}
