import type { Random } from '../invoice/random.js';

/** Invented: none of these firms exists. */
const FIRST = [
  'Northlake',
  'Cedarfold',
  'Blue Heron',
  'Quillmark',
  'Old Harbour',
  'Ironvale',
  'Tall Pine',
  'Saltmarsh',
] as const;
const SECOND = [
  'Office Supply',
  'Design Studio',
  'Hardware',
  'Logistics',
  'Catering',
  'Print Works',
  'Consulting',
] as const;
const FORMS = ['Ltd', 'LLC', 'Inc', 'GmbH', 'Pty Ltd', 'Co'] as const;
const STREETS = ['Sample Street', 'Example Road', 'Placeholder Lane', 'Specimen Avenue'] as const;
const TOWNS = ['Springmere', 'Westhaven', 'Aldbridge', 'Kingsferry'] as const;

export const inventFirm = (random: Random): string =>
  `${random.pick(FIRST)} ${random.pick(SECOND)} ${random.pick(FORMS)}`;

export const inventAddress = (random: Random): readonly string[] => [
  `${random.integer(1, 240)} ${random.pick(STREETS)}`,
  `${random.pick(TOWNS)} ${random.digits(5)}`,
];

/** Names as a catalogue has them and a range of prices in cents. */
export const GOODS = [
  ['Desk lamp, brushed steel', 2900, 9900],
  ['Consulting, on site', 9000, 18000],
  ['Notebook A5 ruled', 350, 1290],
  ['Espresso machine service', 7900, 15900],
  ['Shelf bracket', 480, 1900],
  ['Cable HDMI 2 m', 690, 2490],
  ['Office chair', 12900, 38900],
  ['Translation per page', 2500, 4500],
  ['Web hosting, monthly', 1200, 5900],
  ['Safety gloves', 390, 1490],
] as const;

export const WARES = [
  ['Coffee large', 320, 520],
  ['Bagel', 190, 390],
  ['Whole milk 1L', 99, 199],
  ['Bananas', 89, 249],
  ['Club sandwich', 690, 1290],
  ['Sparkling water', 120, 320],
  ['Green tea', 250, 420],
  ['Batteries AA 4', 399, 899],
] as const;

export interface Currency {
  /** As it stands before or after amounts. */
  readonly sign: string;
  readonly code: string;
  /** Written in words somewhere on the page. */
  readonly named: boolean;
  readonly comma: boolean;
}

export const CURRENCIES: readonly Currency[] = [
  { sign: '$', code: 'USD', named: true, comma: false },
  { sign: '$', code: 'CAD', named: true, comma: false },
  { sign: '$', code: '', named: false, comma: false },
  { sign: '£', code: 'GBP', named: false, comma: false },
  { sign: '€', code: 'EUR', named: false, comma: true },
  { sign: 'EUR', code: 'EUR', named: false, comma: true },
];

/** 1,234.56 or 1.234,56. */
export function money(cents: number, comma: boolean): string {
  const [whole = '', fraction = ''] = (Math.abs(cents) / 100).toFixed(2).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, comma ? '.' : ',');
  return `${cents < 0 ? '-' : ''}${grouped}${comma ? ',' : '.'}${fraction}`;
}

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const;

export type DateStyle = 'words' | 'words-us' | 'short' | 'iso' | 'eu' | 'us';

/** Numeric styles are only certain where the day is after the 12th. */
export function writeDate(date: string, style: DateStyle): string {
  const [year = '', month = '', day = ''] = date.split('-');
  const name = MONTHS[Number(month) - 1] ?? '';
  switch (style) {
    case 'words':
      return `${Number(day)} ${name} ${year}`;
    case 'words-us':
      return `${name} ${Number(day)}, ${year}`;
    case 'short':
      return `${day} ${name.slice(0, 3)} ${year}`;
    case 'iso':
      return date;
    case 'eu':
      return `${day}/${month}/${year}`;
    case 'us':
      return `${month}/${day}/${year}`;
  }
}
