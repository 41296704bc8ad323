import type { DocumentField } from '@trivium/contracts/invoice';
import type { Reading, Row } from '../layout/row.js';
import { fieldOf } from '../invoice/field.js';
import { CURRENCY_PATTERN, currencyCode, mayMean } from '../value/currency.js';
import { type DecimalMark, decimalMarkOf, parseMoney } from '../value/money.js';

/** Figures with what stands around an amount; a share, a date or a part of a word is none. */
const TOKEN =
  /(?<![\w/.,-]|\d[-/])(?:\(\s?)?-?\s?(?:[A-Z]{0,3}\p{Sc}\s?)?-?\d[\d.,']*(?:\s?\p{Sc})?(?:\s?\))?(?![\w%/]|-\d|\s?%)/gu;
/** Two digits after a mark: what tells how a page writes its decimals. */
const WITH_CENTS = /^\D*\d{1,3}(?:[.,' ]?\d{3})*[.,]\d{2}\D*$/;

export function amountsIn(row: Row, from = 0): Reading[] {
  return [...row.text.matchAll(TOKEN)].flatMap((match) => {
    if (match.index < from) return [];
    const reading = row.read(match.index, match.index + match[0].length);
    return reading === null ? [] : [reading];
  });
}

/** How this page writes decimals; null when its amounts do not tell, or contradict each other. */
export function pageMark(rows: readonly Row[]): DecimalMark | null {
  const texts = rows.flatMap((row) => amountsIn(row).map(({ folded }) => folded));
  return decimalMarkOf(texts.filter((text) => WITH_CENTS.test(text)));
}

/** An amount with two digits; `normalized` is null where the figures could mean two amounts. */
export function moneyField(reading: Reading, page: number, mark: DecimalMark | null): DocumentField {
  return fieldOf(reading, page, parseMoney(reading.folded, mark)?.toFixed(2) ?? null);
}

/** The same without its sign: what is taken off or was paid is often printed with a minus. */
export function positiveField(reading: Reading, page: number, mark: DecimalMark | null): DocumentField {
  return fieldOf(reading, page, parseMoney(reading.folded, mark)?.abs().toFixed(2) ?? null);
}

export interface PageCurrency {
  readonly field: DocumentField | null;
  /** The page names currencies that cannot be one. */
  readonly contradicted: boolean;
}

/** A code beside an amount or said to be the currency, else the sign at the amounts. */
export function readCurrency(rows: readonly Row[], page: number): PageCurrency {
  const found = rows.flatMap((row) =>
    [...row.text.matchAll(CURRENCY_PATTERN)].flatMap((match) => {
      const code = /^[A-Z]{3}$/.test(match[0]);
      if (code && !isSaid(row.text, match.index)) return [];
      const reading = row.read(match.index, match.index + match[0].length);
      return reading === null ? [] : [{ reading, printed: match[0], code }];
    }),
  );
  const codes = new Set(found.filter(({ code }) => code).map(({ printed }) => currencyCode(printed)));
  const signs = new Set(found.filter(({ code }) => !code).map(({ printed }) => printed));
  const first = found.find(({ code }) => code) ?? found[0];
  if (first === undefined) return { field: null, contradicted: false };
  const [only = null] = codes;
  const contradicted =
    codes.size > 1 || (only === null ? signs.size > 1 : [...signs].some((sign) => !mayMean(sign, only)));
  return {
    field: fieldOf(first.reading, page, contradicted ? null : currencyCode(first.printed)),
    contradicted,
  };
}

/** Three capitals are a currency beside an amount, in brackets or after words that announce one. */
function isSaid(text: string, at: number): boolean {
  const [before, after] = [text.slice(0, at), text.slice(at + 3)];
  return /(?:\bin|currency:?|amounts?|total|\(|\d)\s*$/i.test(before) || /^\s?\p{Sc}?\s?-?\d/u.test(after);
}
