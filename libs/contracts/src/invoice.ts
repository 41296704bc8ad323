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

/** The fields of a 增值税发票 that are looked for; absent ones are null. */
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
  'net-plus-tax-is-total',
  'words-equal-figures',
  'code-format',
  'number-format',
  'check-code-format',
  'buyer-tax-id',
  'seller-tax-id',
  'date-plausible',
  // only where the QR code of an invoice was read
  'qr-agrees',
  'qr-checksum', // advice: it does not touch the verdict
] as const;

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
  documentType: z.object({ value: z.string(), confidence: z.number().min(0).max(1) }),
  fields: InvoiceFields,
  items: z.array(InvoiceItem),
  checks: z.array(DocumentCheck),
  verdict: z.enum(['PASS', 'REVIEW', 'REJECT']),
  /** Why the verdict is not PASS: ids of failed checks, `missing:<field>`, `low-confidence:<field>`. */
  reasons: z.array(z.string()),
});
export type Invoice = z.output<typeof Invoice>;
