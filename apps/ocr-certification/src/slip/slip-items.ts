import type { DocumentField, InvoiceItem, InvoiceItemCell } from '@trivium/contracts/invoice';
import type { Reading, Row } from '../layout/row.js';
import { amountField, fieldOf, normalizeGoods } from '../invoice/field.js';
import { parseAmount } from '../value/amount.js';
import { findTitleTable, itemsOf, readTitleTable, type Titles } from './title-table.js';

const TITLES: Titles = {
  name: ['项目', '货物名称', '品名', '商品名称', '项目名称', '货物或应税劳务名称'],
  unit: ['单位'],
  quantity: ['数量'],
  unitPrice: ['单价'],
  amount: ['金额'],
};

/** Rows of a slip's table, which has no columns for tax. `end` is the middle of the row of sums. */
export function readSlipItems(
  rows: readonly Row[],
  end: number,
  page: number,
  { namesAbove = false }: { readonly namesAbove?: boolean } = {},
): InvoiceItem[] {
  const table = findTitleTable(rows, TITLES);
  if (table === null) return [];
  const cells = readTitleTable(rows, table, end, {
    figure: (text) => parseAmount(text) !== null,
    namesAbove,
  });
  return itemsOf(cells, (cell, reading) => cellField(cell, reading, page));
}

function cellField(cell: InvoiceItemCell, reading: Reading, page: number): DocumentField | null {
  switch (cell) {
    case 'amount':
    case 'taxAmount':
      return amountField(reading, page);
    case 'quantity':
    case 'unitPrice': {
      const decimals = /\.\s?(\d+)/.exec(reading.folded)?.[1]?.length ?? 0;
      return fieldOf(reading, page, parseAmount(reading.folded)?.toFixed(decimals) ?? null);
    }
    case 'name':
      return fieldOf(reading, page, normalizeGoods(reading.text));
    case 'specification':
    case 'unit':
    case 'taxRate':
      return fieldOf(reading, page, reading.text.trim());
  }
}
