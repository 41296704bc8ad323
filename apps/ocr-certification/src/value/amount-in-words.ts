import { Decimal } from 'decimal.js';

/** Capital numerals first; the forms after it are other spellings of the same numeral, not look-alikes. */
const NUMERALS = [
  '零〇',
  '壹一弌',
  '贰二貳弍',
  '叁三叄參参',
  '肆四',
  '伍五',
  '陆六陸',
  '柒七',
  '捌八',
  '玖九',
];
const UNITS: Readonly<Record<string, number>> = { 拾: 10, 十: 10, 佰: 100, 百: 100, 仟: 1000, 千: 1000 };
const GROUPS: Readonly<Record<string, number>> = { 万: 1e4, 萬: 1e4, 亿: 1e8, 億: 1e8 };

const DIGITS = new Map(
  NUMERALS.flatMap((forms, digit) => Array.from(forms, (form) => [form, digit] as const)),
);
const ALL = [...DIGITS.keys(), ...Object.keys(UNITS), ...Object.keys(GROUPS), ...'圆元圓角分整正负数'].join(
  '',
);

/** A run of the characters that amounts in words are written with, unbroken but for blanks. */
export const WORDS_PATTERN = new RegExp(`[(]?[负${ALL}](?:[${ALL}() ]*)[${ALL}]`);

const SIGN_BEFORE_WORDS = new RegExp(`^[^${ALL}(](?=[${NUMERALS.join('')}])`);

/**
 * The words without the sign that stands before them (⊗, which readers take for anything). Only what
 * precedes a numeral is dropped: a sign before 仟 may have been one.
 */
export function stripSign(words: string): string {
  return words.replace(SIGN_BEFORE_WORDS, '');
}

/** The amount that the words state, or null when they are not a well-formed amount. */
export function parseAmountInWords(words: string): Decimal | null {
  const match = /^\(?(负)?数?\)?(?:([^圆元圓角分]+)[圆元圓])?零?(?:([^角分零])角)?零?(?:(.)分)?[整正]?$/.exec(
    words.replace(/\s/g, ''),
  );
  if (match === null) return null;
  const [, sign, yuanWords, jiaoWord, fenWord] = match;
  if (yuanWords === undefined && jiaoWord === undefined && fenWord === undefined) return null;
  const yuan = yuanWords === undefined ? 0 : parseWhole(yuanWords);
  const jiao = jiaoWord === undefined ? 0 : DIGITS.get(jiaoWord);
  const fen = fenWord === undefined ? 0 : DIGITS.get(fenWord);
  if (yuan === null || jiao === undefined || fen === undefined) return null;
  const amount = new Decimal(yuan).plus(new Decimal(jiao).div(10)).plus(new Decimal(fen).div(100));
  return sign === undefined ? amount : amount.negated();
}

/** Whole numbers below 10^16: groups of four digits before 亿 and 万. */
function parseWhole(words: string): number | null {
  let total = 0;
  let rest = words;
  for (const group of [1e8, 1e4]) {
    const end = Array.from(rest).findLastIndex((character) => GROUPS[character] === group);
    if (end === -1) continue;
    const value = group === 1e8 ? parseWhole(rest.slice(0, end)) : parseSection(rest.slice(0, end));
    if (value === null || value === 0) return null;
    total += value * group;
    rest = rest.slice(end + 1);
  }
  const section = rest === '' ? 0 : parseSection(rest);
  return section === null ? null : total + section;
}

/** 0 to 9999: digits before falling units; 拾 may stand alone at the start. */
function parseSection(words: string): number | null {
  let value = 0;
  let digit: number | null = null;
  let ceiling = 10_000;
  for (const [index, character] of Array.from(words).entries()) {
    const unit = UNITS[character];
    const numeral = DIGITS.get(character);
    if (unit !== undefined) {
      const factor: number | null = digit === null && unit === 10 && index === 0 ? 1 : digit;
      if (factor === null || factor === 0 || unit >= ceiling) return null;
      value += factor * unit;
      ceiling = unit;
      digit = null;
    } else if (numeral === undefined || (digit !== null && digit !== 0)) {
      return null;
    } else {
      digit = numeral;
    }
  }
  // @NOTE 壹佰伍 may mean 105 or 150; invoices write 壹佰零伍 or 壹佰伍拾
  const skipped = digit !== null && digit !== 0 && ceiling > 10 && value > 0;
  return skipped && words.charAt(words.length - 2) !== '零' ? null : value + (digit ?? 0);
}

/** The amount as an invoice must print it, rounded to fen. */
export function writeAmountInWords(amount: Decimal): string {
  const fen = amount.abs().times(100).round();
  const yuan = fen.div(100).floor();
  const jiaoDigit = fen.div(10).floor().mod(10).toNumber();
  const fenDigit = fen.mod(10).toNumber();
  const whole = yuan.isZero() ? '' : `${writeWhole(yuan)}圆`;
  const sign = amount.isNegative() && !fen.isZero() ? '负' : '';
  if (jiaoDigit === 0 && fenDigit === 0) return `${sign}${whole || '零圆'}整`;
  const jiao = jiaoDigit > 0 ? `${numeral(jiaoDigit)}角` : whole === '' ? '' : '零';
  return `${sign}${whole}${jiao}${fenDigit > 0 ? `${numeral(fenDigit)}分` : '整'}`;
}

function writeWhole(yuan: Decimal): string {
  const digits = yuan.toFixed(0);
  let words = '';
  let zeros = false;
  Array.from(digits).forEach((digit, index) => {
    const place = digits.length - 1 - index;
    if (digit === '0') zeros = true;
    else {
      if (zeros && words !== '') words += '零';
      zeros = false;
      words += numeral(Number(digit)) + (['', '拾', '佰', '仟'][place % 4] ?? '');
    }
    const group = digits.slice(Math.max(0, index - 3), index + 1);
    if (place % 4 === 0 && /[1-9]/.test(group)) {
      words += ['', '万', '亿', '万'][place / 4] ?? '';
      zeros = false;
    }
    if (place === 8 && !words.endsWith('亿')) words += '亿';
  });
  return words;
}

const numeral = (digit: number): string => NUMERALS[digit]?.charAt(0) ?? '';
