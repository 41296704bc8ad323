import { Decimal } from 'decimal.js';
import { foldText } from '../layout/fold-character.js';

/** `***`, printed in place of an amount where no tax is due; readers lose some of the stars. */
const STARS = /^\*{1,4}$/;
export const NO_AMOUNT = '***';

export const isNoAmount = (text: string): boolean => STARS.test(foldText(text).replace(/\s/g, ''));

/**
 * The number in a printed amount, or null when the text is not exactly one number. Digits are never
 * repaired: what reads as another digit stays that digit, and the checks will tell.
 */
export function parseAmount(text: string): Decimal | null {
  const bare = foldText(text)
    .replace(/\s/g, '')
    .replace(/[.,;:]+$/, '');
  const match = /^(?:[^\dA-XZa-xz.,*-]{0,2})(-?)(?:[^\dA-XZa-xz.,*-]{0,2})(\d[\d,]*)(\.\d+)?$/.exec(bare);
  if (match === null) return null;
  const [, sign = '', whole = '', fraction = ''] = match;
  if (whole.includes(',') && !/^\d{1,3}(,\d{3})+$/.test(whole)) return null;
  return new Decimal(`${sign}${whole.replaceAll(',', '')}${fraction}`);
}
