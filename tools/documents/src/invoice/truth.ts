import { type InvoiceSpecification, type ItemRow } from './specification.js';
import { FAILED_CHECKS, type Fault } from './spoil-invoice.js';

export type Split = 'clean' | 'mild' | 'hard';

/** What the picture says, and what a careful reader must conclude. */
export interface InvoiceTruth {
  readonly file: string;
  readonly split: Split;
  readonly documentType: string;
  /** Normalized: dates `YYYY-MM-DD`, plain decimals, digits without spaces; words as an amount. Null: not on the page. */
  readonly fields: Readonly<Record<string, string | null>>;
  readonly totalInWords: string;
  readonly items: readonly Readonly<Record<keyof ItemRow, string | null>>[];
  readonly verdict: 'PASS' | 'REJECT';
  readonly failedChecks: readonly string[];
}

export function truthOf(
  file: string,
  split: Split,
  invoice: InvoiceSpecification,
  wordsAmount: string,
  fault: Fault | undefined,
): InvoiceTruth {
  const { buyer, seller } = invoice;
  return {
    file,
    split,
    documentType: documentTypeOf(invoice),
    fields: {
      code: invoice.code,
      number: invoice.number,
      date: invoice.date,
      checkCode: invoice.checkCode,
      buyerName: buyer.name,
      buyerTaxId: buyer.taxId || null,
      sellerName: seller.name,
      sellerTaxId: seller.taxId,
      netAmount: invoice.netAmount,
      taxAmount: invoice.taxAmount,
      totalInWords: wordsAmount,
      total: invoice.total,
    },
    totalInWords: invoice.totalInWords,
    items: invoice.items.map((item) => ({
      name: item.name,
      specification: item.specification || null,
      unit: item.unit || null,
      quantity: item.quantity || null,
      unitPrice: item.unitPrice || null,
      amount: item.amount,
      taxRate: item.taxRate,
      taxAmount: item.taxAmount,
    })),
    verdict: fault === undefined ? 'PASS' : 'REJECT',
    failedChecks: fault === undefined ? [] : [...FAILED_CHECKS[fault]].sort(),
  };
}

/** The title without the region that older forms put before it. */
function documentTypeOf(invoice: InvoiceSpecification): string {
  return invoice.layout === 'digital' ? invoice.title : invoice.title.slice(invoice.region.length);
}
