import { INVOICE_ITEM_CELLS, type InvoiceItemCell } from '@trivium/contracts/invoice';
import type { Row } from '../layout/row.js';

/** The head of the item table: where its row stands and where each column's title is centred. */
export interface ItemTable {
  readonly head: Row;
  readonly centres: Readonly<Record<InvoiceItemCell, number>>;
}

const TITLES: Readonly<Record<InvoiceItemCell, readonly string[]>> = {
  name: ['货物或应税劳务、服务名称', '货物或应税劳务服务名称', '应税劳务', '项目名称'],
  specification: ['规格型号', '规格'],
  unit: ['单位'],
  quantity: ['数量'],
  unitPrice: ['单价'],
  amount: ['金额'],
  taxRate: ['税率/征收率', '税率', '征收率'],
  taxAmount: ['税额'],
};

/** Centres of the titles on the printed forms, as shares of the table's width. */
const FORMS: readonly Readonly<Record<InvoiceItemCell, number>>[] = [
  {
    name: 0.134,
    specification: 0.326,
    unit: 0.411,
    quantity: 0.474,
    unitPrice: 0.569,
    amount: 0.695,
    taxRate: 0.799,
    taxAmount: 0.916,
  },
  {
    name: 0.125,
    specification: 0.312,
    unit: 0.409,
    quantity: 0.486,
    unitPrice: 0.592,
    amount: 0.721,
    taxRate: 0.837,
    taxAmount: 0.943,
  },
];

const FEWEST_TITLES = 4;

/** The row with most column titles; titles that were not read are placed as the printed form has them. */
export function findItemTable(rows: readonly Row[]): ItemTable | null {
  const heads = rows
    .map((row) => ({ row, found: titlesIn(rowsBeside(rows, row)) }))
    .sort((a, b) => b.found.size - a.found.size);
  const best = heads[0];
  if (best === undefined || best.found.size < FEWEST_TITLES) return null;
  return { head: best.row, centres: completeCentres(best.found) };
}

/** Titles may have come apart into rows a little higher or lower. */
function rowsBeside(rows: readonly Row[], row: Row): Row[] {
  return [
    row,
    ...rows.filter((other) => other !== row && Math.abs(other.middle - row.middle) < 0.8 * row.height),
  ];
}

function titlesIn(rows: readonly Row[]): Map<InvoiceItemCell, number> {
  const found = new Map<InvoiceItemCell, number>();
  for (const row of rows) {
    for (const cell of INVOICE_ITEM_CELLS) {
      const centre = found.has(cell) ? undefined : centreOfTitle(row, TITLES[cell]);
      if (centre !== undefined) found.set(cell, centre);
    }
  }
  return found;
}

function centreOfTitle(row: Row, titles: readonly string[]): number | undefined {
  for (const title of titles) {
    const match = new RegExp(Array.from(title).join('\\s*')).exec(row.text);
    const first = row.glyphs[match?.index ?? -1];
    const last = row.glyphs[(match?.index ?? 0) + (match?.[0].length ?? 0) - 1];
    if (first !== undefined && last !== undefined) return (first.left + last.right) / 2;
  }
  return undefined;
}

/** Lays each printed form over the titles that were found and takes the one that fits best. */
function completeCentres(found: ReadonlyMap<InvoiceItemCell, number>): Record<InvoiceItemCell, number> {
  const fits = FORMS.map((form) => fitForm(form, found)).sort((a, b) => a.error - b.error);
  const place = fits[0]?.place ?? (() => 0);
  const entries = INVOICE_ITEM_CELLS.map((cell) => [cell, found.get(cell) ?? place(cell)] as const);
  return Object.fromEntries(entries) as Record<InvoiceItemCell, number>;
}

function fitForm(
  form: Readonly<Record<InvoiceItemCell, number>>,
  found: ReadonlyMap<InvoiceItemCell, number>,
): { error: number; place: (cell: InvoiceItemCell) => number } {
  const points = [...found].map(([cell, x]) => ({ share: form[cell], x }));
  const meanShare = points.reduce((sum, { share }) => sum + share, 0) / points.length;
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / points.length;
  const spread = points.reduce((sum, { share }) => sum + (share - meanShare) ** 2, 0);
  const width = points.reduce((sum, { share, x }) => sum + (share - meanShare) * (x - meanX), 0) / spread;
  const place = (cell: InvoiceItemCell): number => meanX + (form[cell] - meanShare) * width;
  const error = [...found].reduce((sum, [cell, x]) => sum + ((x - place(cell)) / width) ** 2, 0);
  return { error, place };
}

/** The border between a column and the one to its right, half way between their titles. */
export function borderAfter(table: ItemTable, cell: InvoiceItemCell): number {
  const index = INVOICE_ITEM_CELLS.indexOf(cell);
  const next = INVOICE_ITEM_CELLS[index + 1];
  return next === undefined ? Number.POSITIVE_INFINITY : (table.centres[cell] + table.centres[next]) / 2;
}

export function columnAt(table: ItemTable, x: number): InvoiceItemCell {
  return INVOICE_ITEM_CELLS.find((cell) => x < borderAfter(table, cell)) ?? 'taxAmount';
}
