import { Decimal } from 'decimal.js';
import { foldText } from '../layout/fold-character.js';
import { isNoAmount, NO_AMOUNT } from './amount.js';

/** In percent; what the tax law knows. */
const RATES = ['17', '16', '13', '11', '10', '9', '6', '5', '3', '2', '1.5', '1', '0.5', '0'];
/** What is left of a percent sign, besides itself. */
const PERCENT = /^(?:%\d?|96|9[o0]|0%|9|‰)$/;
const UNTAXED = ['免税', '不征税', '免征增值税'];

/**
 * `13%`, `免税`, `不征税` or `***`; null for what is no rate. A percent sign is easily read as 96:
 * a reading that makes a rate only so is taken as one.
 */
export function parseRate(text: string): string | null {
  const bare = foldText(text).replace(/\s/g, '');
  const untaxed = UNTAXED.find((word) => bare === word);
  if (untaxed !== undefined) return untaxed;
  if (isNoAmount(bare)) return NO_AMOUNT;
  const figure = RATES.find((rate) => bare.startsWith(rate) && PERCENT.test(bare.slice(rate.length)));
  // @NOTE 139 is 13%, but 19 may well be a misread 13
  return figure === undefined || (figure.length === 1 && bare.slice(1) === '9') ? null : `${figure}%`;
}

/** As a factor: 0.13 for `13%`, zero for what is not taxed. */
export function rateFactor(rate: string): Decimal {
  return rate.endsWith('%') ? new Decimal(rate.slice(0, -1)).div(100) : new Decimal(0);
}
