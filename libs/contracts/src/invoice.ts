import { z } from 'zod';
import { Quadrilateral } from './content.js';

/** One reading of a value, with where it stands and how sure the reading is. */
export const FieldAlternative = z.object({
  /** As printed. */
  value: z.string(),
  /** Canonical: dates `YYYY-MM-DD`, amounts plain decimals with two digits, numbers without spaces. */
  normalized: z.string().nullable(),
  confidence: z.number().min(0).max(1),
  quadrilateral: Quadrilateral.nullable(),
  /** From 1. */
  page: z.int().positive(),
  source: z.enum(['ocr', 'text-layer', 'qr', 'ofd']),
});
export type FieldAlternative = z.output<typeof FieldAlternative>;

/** One value of a document. */
export const DocumentField = FieldAlternative.extend({
  /** Readings from other sources that differ and were not taken; absent: there are none. */
  alternatives: z.array(FieldAlternative).optional(),
});
export type DocumentField = z.output<typeof DocumentField>;

/** What a document is by its form, whatever its title says; `documentType.value` is the title itself. */
export const INVOICE_KINDS = [
  'vat-special', // 增值税专用发票, on paper or 电子
  'vat-general', // 增值税普通发票, on paper or 电子
  'vat', // 增值税发票 whose title was not read
  'vat-roll', // 增值税普通发票（卷票）
  'digital-special', // 数电票: 电子发票（增值税专用发票）
  'digital-general', // 数电票: 电子发票（普通发票）
  'quota', // 通用定额发票
  'machine-printed', // 通用机打发票
  'train', // 火车票 on paper
  'train-electronic', // 电子发票（铁路电子客票）
  'taxi', // 出租汽车发票
  'commercial', // an invoice in English
  'receipt', // a receipt in English
] as const;
export const InvoiceKind = z.enum(INVOICE_KINDS);
export type InvoiceKind = z.output<typeof InvoiceKind>;

/**
 * The fields that invoices of every kind have a place for; absent ones are null. On tickets `total` is the
 * fare; on an invoice in English `number` is its id, buyer and seller are customer and vendor, and
 * `netAmount` is the subtotal.
 */
export const INVOICE_FIELDS = [
  'code', // 发票代码
  'number', // 发票号码
  'date', // 开票日期
  'checkCode', // 校验码
  'buyerName', // 购买方 名称
  'buyerTaxId', // 购买方 纳税人识别号
  'sellerName', // 销售方 名称
  'sellerTaxId', // 销售方 纳税人识别号
  'netAmount', // 合计 金额
  'taxAmount', // 合计 税额
  'totalInWords', // 价税合计 大写
  'total', // 价税合计 小写
] as const;
export type InvoiceFieldName = (typeof INVOICE_FIELDS)[number];

export const InvoiceFields = z.record(z.enum(INVOICE_FIELDS), DocumentField.nullable());
export type InvoiceFields = z.output<typeof InvoiceFields>;

const TRAIN = [
  'trainNumber', // 车次
  'departureStation',
  'arrivalStation',
  'departureDate',
  'departureTime', // HH:MM
  'seat', // 05车12F号
  'seatClass', // 二等座
  'passengerName',
  'passengerId', // as printed, with its stars
] as const;
const COMMERCIAL = [
  'currency', // ISO 4217; `normalized` is null where the printed sign may mean several
  'orderNumber', // purchase order
  'dueDate',
  'discount', // positive, taken off
  'shipping',
  'gratuity',
  'amountPaid',
  'amountDue',
] as const;

/** What only documents of one kind say: the names in `details`. */
export const INVOICE_DETAILS = {
  'vat-special': [],
  'vat-general': [],
  vat: [],
  'vat-roll': ['machineNumber'],
  'digital-special': [],
  'digital-general': [],
  quota: [],
  'machine-printed': ['machineNumber'],
  train: TRAIN,
  'train-electronic': [...TRAIN, 'ticketNumber'],
  taxi: [
    'plateNumber', // 车号
    'boardingTime', // HH:MM
    'alightingTime',
    'unitPrice', // for a kilometre
    'distance', // kilometres
  ],
  commercial: COMMERCIAL,
  receipt: COMMERCIAL,
} as const satisfies Record<InvoiceKind, readonly string[]>;
export type InvoiceDetailName = (typeof INVOICE_DETAILS)[InvoiceKind][number];

/** Each name once, whatever kinds have it. */
export const INVOICE_DETAIL_NAMES: readonly InvoiceDetailName[] = [
  ...new Set(INVOICE_KINDS.flatMap((kind): readonly InvoiceDetailName[] => INVOICE_DETAILS[kind])),
];

/** Holds the names of its kind in {@link INVOICE_DETAILS}, null where nothing was read, and no others. */
export const InvoiceDetails = z.partialRecord(z.enum(INVOICE_DETAIL_NAMES), DocumentField.nullable());
export type InvoiceDetails = z.output<typeof InvoiceDetails>;

export const INVOICE_ITEM_CELLS = [
  'name', // 货物或应税劳务、服务名称
  'specification', // 规格型号
  'unit', // 单位
  'quantity', // 数量
  'unitPrice', // 单价
  'amount', // 金额
  'taxRate', // 税率
  'taxAmount', // 税额
] as const;
export type InvoiceItemCell = (typeof INVOICE_ITEM_CELLS)[number];

export const InvoiceItem = z.record(z.enum(INVOICE_ITEM_CELLS), DocumentField.nullable());
export type InvoiceItem = z.output<typeof InvoiceItem>;

export const INVOICE_CHECKS = [
  'items-sum-to-net',
  'items-tax-sums-to-tax',
  'item-tax-matches-rate',
  'item-amount-matches-quantity',
  'items-sum-to-total',
  'net-plus-tax-is-total',
  'words-equal-figures',
  'code-format',
  'number-format',
  'check-code-format',
  'buyer-tax-id',
  'seller-tax-id',
  'date-plausible',
  'due-date-not-before-date',
  'amount-due-is-total-less-paid',
  'one-currency',
  // only where the QR code of an invoice was read
  'qr-agrees',
  'qr-checksum', // advice: it does not touch the verdict
] as const;

/** A rule that a kind of document is not subject to is absent from its checks. */
export const DocumentCheck = z.object({
  id: z.enum(INVOICE_CHECKS),
  /** `not-applicable`: a value that the rule needs was not read or does not exist on this type. */
  status: z.enum(['passed', 'failed', 'not-applicable']),
  message: z.string(),
  expected: z.string().optional(),
  actual: z.string().optional(),
});
export type DocumentCheck = z.output<typeof DocumentCheck>;

export const Invoice = z.object({
  documentType: z.object({ kind: InvoiceKind, value: z.string(), confidence: z.number().min(0).max(1) }),
  fields: InvoiceFields,
  details: InvoiceDetails,
  items: z.array(InvoiceItem),
  checks: z.array(DocumentCheck),
  verdict: z.enum(['PASS', 'REVIEW', 'REJECT']),
  /**
   * Why the verdict is not PASS: ids of failed checks, `missing:<field>`, `unclear:<field>` for a value that
   * has no certain meaning, `low-confidence:<field>`; fields and details alike.
   */
  reasons: z.array(z.string()),
});
export type Invoice = z.output<typeof Invoice>;
