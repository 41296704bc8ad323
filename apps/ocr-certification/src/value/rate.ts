import { Decimal } from 'decimal.js';
import { foldText } from '../layout/fold-character.js';

/** In percent; what the tax law knows. */
const RATES = ['17', '16', '13', '11', '10', '9', '6', '5', '3', '2', '1.5', '1', '0.5', '0'];
const UNTAXED = ['免税', '不征税', '免征增值税'];

/**
 * `13%`, `免税`, `不征税` or `***`; null for what is no rate. A percent sign is easily read as 96:
 * figures that only make a rate without it are taken as one.
 */
export function parseRate(text: string): string | null {
  const bare = foldText(text).replace(/\s/g, '');
  const untaxed = UNTAXED.find((word) => bare === word);
  if (untaxed !== undefined) return untaxed;
  if (/^\*{2,3}$/.test(bare)) return '***';
  const match = /^(\d{1,2}(?:\.\d{1,2})?)(?:%\d?|96|9[o0]|‰)$/.exec(bare);
  const figure = match?.[1] === undefined ? null : new Decimal(match[1]).toFixed();
  return figure !== null && RATES.includes(figure) ? `${figure}%` : null;
}

/** As a factor: 0.13 for `13%`, zero for what is not taxed. */
export function rateFactor(rate: string): Decimal {
  return rate.endsWith('%') ? new Decimal(rate.slice(0, -1)).div(100) : new Decimal(0);
}
