import type { DocumentField } from '@trivium/contracts/invoice';
import { NO_AMOUNT, parseAmount } from '../value/amount.js';
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
  const amount = parseAmount(reading.text);
  if (amount === null && !NO_AMOUNT.test(reading.folded)) return null;
  return fieldOf(reading, page, amount === null ? null : amount.toFixed(2));
}

/** Chinese names carry no blanks, and full-width brackets. */
export function normalizeName(text: string): string {
  const bare = text.replace(/^[\s:：;]+/, '').trim();
  if (!/\p{Script=Han}/u.test(bare)) return bare.replace(/\s+/g, ' ');
  return bare.replace(/\s+/g, '').replaceAll('(', '（').replaceAll(')', '）');
}
