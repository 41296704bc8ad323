import type { DocumentField } from '@trivium/contracts/invoice';
import type { Reading, Row } from '../layout/row.js';
import { parseAmount } from '../value/amount.js';
import { parseAmountInWords, stripSign, WORDS_PATTERN } from '../value/amount-in-words.js';
import { DATE_PATTERN, parseDate } from '../value/date.js';
import { digitsOf } from '../value/digits.js';
import { normalizeTaxId } from '../value/tax-id.js';
import { fieldOf, normalizeName } from '../invoice/field.js';
import { findPattern, findValue, type Question } from './find-value.js';

/** Figures with two decimals or none, and the sign or the unit that says they are money. */
export const AMOUNT = /[¥Y]?\s*-?\d[\d,]*(?:\s?\.\s?\d{1,2})?(?!\d)/;
const DIGITS = /[\dOQIl|]{7,24}/;
const TAX_ID = /[0-9A-Z](?:\s*[0-9A-Z]){13,19}/;
/** Up to where another label begins that the reader joined to the name. */
const NAME =
  /[\p{Script=Han}A-Za-z](?:(?!\s?(?:统一社会|纳税人|识别号|信用代码|开票))[\p{Script=Han}A-Za-z0-9() ])*/u;
const CODE = { labels: ['发票代码', '代码'], key: /代/ };
const NUMBER = { labels: ['发票号码', '号码'], key: /号/ };

/** Reads one page of a slip: labels at the left of their values. */
export class SlipFields {
  constructor(
    readonly rows: readonly Row[],
    readonly page: number,
  ) {}

  code(): DocumentField | null {
    return this.#digits(CODE);
  }

  number(): DocumentField | null {
    return this.#digits(NUMBER);
  }

  digits(...labels: string[]): DocumentField | null {
    return this.#digits({ labels });
  }

  #digits(label: Omit<Question, 'value'>): DocumentField | null {
    const reading = findValue(this.rows, { ...label, value: DIGITS });
    return reading === null ? null : fieldOf(reading, this.page, digitsOf(reading.folded));
  }

  date(...labels: string[]): DocumentField | null {
    const reading =
      findValue(this.rows, { labels, value: DATE_PATTERN }) ?? findPattern(this.rows, DATE_PATTERN);
    return reading === null ? null : fieldOf(reading, this.page, parseDate(reading.folded));
  }

  amount(...labels: string[]): DocumentField | null {
    return this.money(findValue(this.rows, { labels, value: AMOUNT }));
  }

  money(reading: Reading | null): DocumentField | null {
    const amount = reading === null ? null : parseAmount(reading.folded);
    return reading === null || amount === null ? null : fieldOf(reading, this.page, amount.toFixed(2));
  }

  /** The number in front of a unit, with the decimals it is printed with. */
  figure(...labels: string[]): DocumentField | null {
    const reading = findValue(this.rows, { labels, value: /\d+(?:\.\d+)?/ });
    return reading === null ? null : fieldOf(reading, this.page, reading.folded);
  }

  /** `HH:MM`. */
  time(...labels: string[]): DocumentField | null {
    const reading = findValue(this.rows, { labels, value: /(?:[01]?\d|2[0-3])\s*:\s*[0-5]\d/ });
    return reading === null ? null : fieldOf(reading, this.page, clockOf(reading.folded));
  }

  /** `key`: a character that tells the label from the other party's. */
  name(labels: readonly string[], key?: RegExp): DocumentField | null {
    const reading = findValue(this.rows, { labels, key, value: NAME });
    const name = reading === null ? '' : normalizeName(reading.text);
    return reading === null || name.length < 2 ? null : fieldOf(reading, this.page, name);
  }

  taxId(rows: readonly Row[], ...labels: string[]): DocumentField | null {
    const reading = findValue(rows, { labels, value: TAX_ID });
    return reading === null
      ? null
      : fieldOf(reading, this.page, normalizeTaxId(reading.folded.toUpperCase()));
  }

  /** An amount in words, wherever it stands; a numeral that was misread stays in it and makes it unreadable. */
  words(...labels: string[]): DocumentField | null {
    const reading =
      findValue(this.rows, { labels, value: /(?:(?!\(?小写)[\p{Script=Han}() ]){3,}/u }) ??
      findPattern(this.rows, /[\p{Script=Han}]{1,20}[元圆圓][整正]|[\p{Script=Han}]{2,20}[角][整正]/u);
    if (reading === null || !WORDS_PATTERN.test(reading.folded)) return null;
    const amount = parseAmountInWords(stripSign(reading.folded));
    return fieldOf(reading, this.page, amount === null ? null : amount.toFixed(2));
  }
}

export function clockOf(text: string): string {
  const [hours = '', minutes = ''] = text.replace(/\s/g, '').split(':');
  return `${hours.padStart(2, '0')}:${minutes}`;
}
