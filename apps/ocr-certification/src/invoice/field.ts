import type { DocumentField } from '@trivium/contracts/invoice';
import { isNoAmount, NO_AMOUNT, parseAmount } from '../value/amount.js';
import type { Reading } from '../layout/row.js';

export function fieldOf(reading: Reading, page: number, normalized: string | null): DocumentField {
  return {
    value: reading.text,
    normalized,
    confidence: reading.confidence,
    quadrilateral: reading.quadrilateral,
    page,
    source: 'ocr',
  };
}

/** An amount with two digits; `***`, printed where no tax is due, has no canonical form. */
export function amountField(reading: Reading, page: number): DocumentField | null {
  if (isNoAmount(reading.text)) return { ...fieldOf(reading, page, null), value: NO_AMOUNT };
  const amount = parseAmount(reading.text);
  return amount === null ? null : fieldOf(reading, page, amount.toFixed(2));
}

/** Goods are named `*category*name`; the first star, at the edge of the cell, is often not read. */
export function normalizeGoods(text: string): string {
  const name = normalizeName(text)
    .replace(/[＊★☆×]/g, '*')
    .replace(/^[“”"'‘’]+/, '*');
  const starred = name.includes('*')
    ? name
    : name.replace(/(?<=^\p{Script=Han}{2,})[·.“”"'’](?=\p{Script=Han})/u, '*');
  return /^[^*]+\*[^*]+$/.test(starred) ? `*${starred}` : starred;
}

/** Chinese names carry no blanks, and full-width brackets. */
export function normalizeName(text: string): string {
  const bare = text.replace(/^[\s:：;]+/, '').trim();
  if (!/\p{Script=Han}/u.test(bare)) return bare.replace(/\s+/g, ' ');
  return bare.replace(/\s+/g, '').replaceAll('(', '（').replaceAll(')', '）');
}
