/** Codes of ISO 4217 that stand on invoices; a word that is none of them is no currency. */
const CODES = [
  'USD',
  'EUR',
  'GBP',
  'CNY',
  'RMB',
  'JPY',
  'HKD',
  'TWD',
  'SGD',
  'AUD',
  'NZD',
  'CAD',
  'CHF',
  'INR',
  'KRW',
  'SEK',
  'NOK',
  'DKK',
  'PLN',
  'CZK',
  'HUF',
  'MXN',
  'BRL',
  'ZAR',
  'THB',
  'MYR',
  'IDR',
  'PHP',
  'VND',
  'AED',
] as const;

/**
 * Signs of one currency alone. $ and ¥ belong to several and mean none by themselves; the pounds beside
 * sterling write a letter before theirs.
 */
const SIGNS: Readonly<Record<string, string>> = {
  US$: 'USD',
  C$: 'CAD',
  CA$: 'CAD',
  A$: 'AUD',
  AU$: 'AUD',
  HK$: 'HKD',
  NZ$: 'NZD',
  S$: 'SGD',
  NT$: 'TWD',
  '€': 'EUR',
  '£': 'GBP',
  '₹': 'INR',
  '₩': 'KRW',
};

/** A sign or code as it stands in a text. */
export const CURRENCY_PATTERN = new RegExp(
  `(?:\\b(?:US|CA|C|AU|A|HK|NZ|S|NT))?\\$|[€£₹₩¥]|(?<![A-Z])(?:${CODES.join('|')})(?![A-Za-z])`,
  'g',
);

/** ISO 4217 of a printed sign or code; null where it may mean several. */
export function currencyCode(printed: string): string | null {
  if (printed === 'RMB') return 'CNY';
  return (CODES as readonly string[]).includes(printed) ? printed : (SIGNS[printed] ?? null);
}

/** Whether a sign can stand for the currency: $ for CAD, not for EUR. */
export function mayMean(sign: string, code: string): boolean {
  const certain = currencyCode(sign);
  if (certain !== null) return certain === code;
  return sign === '$' ? /^(USD|CAD|AUD|NZD|HKD|SGD|TWD|MXN)$/.test(code) : /^(CNY|JPY)$/.test(code);
}
