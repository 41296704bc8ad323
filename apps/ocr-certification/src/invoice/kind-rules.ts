import type {
  DocumentCheck,
  InvoiceDetailName,
  InvoiceFieldName,
  InvoiceKind,
} from '@trivium/contracts/invoice';

type CheckId = DocumentCheck['id'];

/** What is asked of a kind of document. */
export interface KindRules {
  /** The title where the page's own says no more than the kind. */
  readonly title: string;
  readonly checks: readonly CheckId[];
  /** Without these the verdict is REVIEW. */
  readonly required: readonly (InvoiceFieldName | InvoiceDetailName)[];
  readonly needsItems: boolean;
  /** How its number is written. */
  readonly number: { readonly form: RegExp; readonly words: string } | null;
}

const EIGHT_DIGITS = { form: /^\d{8}$/, words: '8 digits' };
const TWENTY_DIGITS = { form: /^\d{20}$/, words: '20 digits' };

const VAT_CHECKS: readonly CheckId[] = [
  'items-sum-to-net',
  'items-tax-sums-to-tax',
  'item-tax-matches-rate',
  'item-amount-matches-quantity',
  'net-plus-tax-is-total',
  'words-equal-figures',
  'code-format',
  'number-format',
  'check-code-format',
  'buyer-tax-id',
  'seller-tax-id',
  'date-plausible',
];

const VAT_FIELDS = [
  'number',
  'date',
  'buyerName',
  'buyerTaxId',
  'sellerName',
  'sellerTaxId',
  'netAmount',
  'taxAmount',
  'totalInWords',
  'total',
] as const;

const JOURNEY = ['trainNumber', 'departureStation', 'arrivalStation', 'departureDate', 'seat'] as const;

const COMMERCIAL_CHECKS: readonly CheckId[] = [
  'items-sum-to-net',
  'item-amount-matches-quantity',
  'items-sum-to-total',
  'net-plus-tax-is-total',
  'amount-due-is-total-less-paid',
  'date-plausible',
  'due-date-not-before-date',
  'one-currency',
];

export const KIND_RULES: Readonly<Record<InvoiceKind, KindRules>> = {
  'vat-special': {
    title: '增值税专用发票',
    checks: VAT_CHECKS,
    required: ['code', ...VAT_FIELDS],
    needsItems: true,
    number: EIGHT_DIGITS,
  },
  'vat-general': {
    title: '增值税普通发票',
    checks: VAT_CHECKS,
    required: ['code', 'checkCode', ...VAT_FIELDS],
    needsItems: true,
    number: EIGHT_DIGITS,
  },
  vat: {
    title: '增值税发票',
    checks: VAT_CHECKS,
    required: ['code', 'checkCode', ...VAT_FIELDS],
    needsItems: true,
    number: EIGHT_DIGITS,
  },
  'vat-roll': {
    title: '增值税普通发票（卷票）',
    checks: [
      'item-amount-matches-quantity',
      'items-sum-to-total',
      'words-equal-figures',
      'code-format',
      'number-format',
      'check-code-format',
      'buyer-tax-id',
      'seller-tax-id',
      'date-plausible',
    ],
    required: ['code', 'number', 'date', 'checkCode', 'sellerName', 'sellerTaxId', 'totalInWords', 'total'],
    needsItems: true,
    number: EIGHT_DIGITS,
  },
  'digital-special': {
    title: '电子发票（增值税专用发票）',
    checks: VAT_CHECKS,
    required: VAT_FIELDS,
    needsItems: true,
    number: TWENTY_DIGITS,
  },
  'digital-general': {
    title: '电子发票（普通发票）',
    checks: VAT_CHECKS,
    required: VAT_FIELDS,
    needsItems: true,
    number: TWENTY_DIGITS,
  },
  quota: {
    title: '通用定额发票',
    checks: ['words-equal-figures', 'code-format', 'number-format'],
    required: ['code', 'number', 'totalInWords', 'total'],
    needsItems: false,
    number: EIGHT_DIGITS,
  },
  'machine-printed': {
    title: '通用机打发票',
    checks: [
      'item-amount-matches-quantity',
      'items-sum-to-total',
      'words-equal-figures',
      'code-format',
      'number-format',
      'buyer-tax-id',
      'seller-tax-id',
      'date-plausible',
    ],
    required: ['code', 'number', 'date', 'sellerName', 'total'],
    needsItems: false,
    number: EIGHT_DIGITS,
  },
  train: {
    title: '火车票',
    checks: ['number-format'],
    required: ['number', 'total', ...JOURNEY],
    needsItems: false,
    number: { form: /^[A-Z]\d{6}$|^[A-Z]\d{2}[A-Z]\d{6}$/, words: 'a letter and 6 digits' },
  },
  'train-electronic': {
    title: '电子发票（铁路电子客票）',
    checks: ['number-format', 'buyer-tax-id', 'date-plausible'],
    required: ['number', 'date', 'total', ...JOURNEY],
    needsItems: false,
    number: TWENTY_DIGITS,
  },
  taxi: {
    title: '出租汽车发票',
    checks: ['code-format', 'number-format', 'date-plausible'],
    required: ['code', 'number', 'date', 'total'],
    needsItems: false,
    number: EIGHT_DIGITS,
  },
  commercial: {
    title: 'Invoice',
    checks: COMMERCIAL_CHECKS,
    required: ['number', 'date', 'sellerName', 'buyerName', 'total'],
    needsItems: true,
    number: null,
  },
  receipt: {
    title: 'Receipt',
    checks: COMMERCIAL_CHECKS,
    required: ['date', 'sellerName', 'total'],
    needsItems: true,
    number: null,
  },
};

/** 数电票: a number of 20 digits, no code and no check code. */
export const isDigital = (kind: InvoiceKind): boolean =>
  kind === 'digital-special' || kind === 'digital-general' || kind === 'train-electronic';
/** 专用发票 of either form: it has no check code, and its buyer always has a tax id. */
export const isSpecial = (kind: InvoiceKind): boolean => kind === 'vat-special' || kind === 'digital-special';
/** Written in English, where the form is nobody's rule. */
export const isCommercial = (kind: InvoiceKind): boolean => kind === 'commercial' || kind === 'receipt';
