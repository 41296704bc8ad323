import {
  type DocumentField,
  INVOICE_FIELDS,
  INVOICE_ITEM_CELLS,
  type Invoice,
  type InvoiceFieldName,
} from '@trivium/contracts/invoice';

export const field = (value: string, overrides: Partial<DocumentField> = {}): DocumentField => ({
  value,
  normalized: value,
  confidence: 0.98,
  quadrilateral: null,
  page: 1,
  source: 'ocr',
  ...overrides,
});

const NOTHING = Object.fromEntries(INVOICE_FIELDS.map((name) => [name, null])) as Invoice['fields'];
const EMPTY_ROW = Object.fromEntries(
  INVOICE_ITEM_CELLS.map((cell) => [cell, null]),
) as Invoice['items'][number];

/** A correct invoice, as the certification service reads it. */
export function invoice(
  overrides: Partial<Omit<Invoice, 'fields'>> & {
    readonly fields?: Partial<Record<InvoiceFieldName, DocumentField | null>>;
  } = {},
): Invoice {
  const { fields, ...rest } = overrides;
  return {
    documentType: { kind: 'vat-general', value: '增值税电子普通发票', confidence: 0.99 },
    details: {},
    fields: {
      ...NOTHING,
      code: field('031002300211'),
      number: field('12345678'),
      date: field('2026年03月05日', { normalized: '2026-03-05' }),
      checkCode: field('12345678901234567890'),
      buyerName: field('上海示例科技有限公司'),
      buyerTaxId: field('91310000MA1FL0000X'),
      sellerName: field('北京样本商贸有限公司'),
      sellerTaxId: field('91110000MA0010000Y'),
      netAmount: field('¥1000.00', { normalized: '1000.00' }),
      taxAmount: field('¥130.00', { normalized: '130.00' }),
      totalInWords: field('壹仟壹佰叁拾圆整', { normalized: '1130.00' }),
      total: field('¥1,130.00', { normalized: '1130.00' }),
      ...fields,
    },
    items: [
      {
        ...EMPTY_ROW,
        name: field('*办公用品*打印纸'),
        quantity: field('10'),
        unitPrice: field('100'),
        amount: field('1000.00'),
        taxRate: field('13%'),
        taxAmount: field('130.00'),
      },
    ],
    checks: [
      { id: 'net-plus-tax-is-total', status: 'passed', message: 'ok' },
      { id: 'check-code-format', status: 'not-applicable', message: 'n/a' },
    ],
    verdict: 'PASS',
    reasons: [],
    ...rest,
  };
}

export const page = (...texts: string[]) => ({
  page: 1,
  width: 100,
  height: 100,
  lines: texts.map((text, row) => ({
    text,
    confidence: 0.9,
    quadrilateral: [
      [0, row * 10],
      [90, row * 10],
      [90, row * 10 + 9],
      [0, row * 10 + 9],
    ] satisfies [[number, number], [number, number], [number, number], [number, number]] as [
      [number, number],
      [number, number],
      [number, number],
      [number, number],
    ],
  })),
});
