import { INVOICE_ITEM_CELLS } from '@trivium/contracts/invoice';
import { type ItemRow } from '../invoice/specification.js';
import { SANS, type Sheet, type TextStyle } from './sheet.js';

export interface Columns {
  /** Left edges of the eight columns, then the right edge of the last. */
  readonly edges: readonly [number, number, number, number, number, number, number, number, number];
  readonly titles: readonly [string, string, string, string, string, string, string, string];
}

const ALIGN = ['left', 'left', 'center', 'right', 'right', 'right', 'center', 'right'] as const;
const VALUE: TextStyle = { size: 16.5, family: SANS };
export const ROW_HEIGHT = 32;
const WRAPPED_LINE = 22;

export function drawColumnTitles(sheet: Sheet, columns: Columns, y: number, style: TextStyle): void {
  columns.titles.forEach((title, index) => {
    const [left, right] = edgesOf(columns, index);
    sheet.text(title, (left + right) / 2, y, { ...style, align: 'center', maxWidth: right - left - 8 });
  });
}

export function itemsHeight(sheet: Sheet, columns: Columns, items: readonly ItemRow[]): number {
  return items.reduce((sum, item) => sum + rowHeight(sheet, columns, item), 0);
}

/** Draws the rows below `top` and returns where they end. */
export function drawItems(sheet: Sheet, columns: Columns, items: readonly ItemRow[], top: number): number {
  let y = top;
  for (const item of items) {
    INVOICE_ITEM_CELLS.forEach((cell, index) => {
      const [left, right] = edgesOf(columns, index);
      const lines = cell === 'name' ? nameLines(sheet, columns, item) : [item[cell]];
      lines.forEach((line, number) => {
        drawCell(sheet, line, [left, right], y + 22 + number * WRAPPED_LINE, ALIGN[index] ?? 'left');
      });
    });
    y += rowHeight(sheet, columns, item);
  }
  return y;
}

function drawCell(
  sheet: Sheet,
  value: string,
  [left, right]: readonly [number, number],
  y: number,
  align: 'left' | 'center' | 'right',
): void {
  if (value === '') return;
  const x = { left: left + 8, center: (left + right) / 2, right: right - 8 }[align];
  sheet.text(value, x, y, { ...VALUE, align, maxWidth: right - left - 12 });
}

const nameLines = (sheet: Sheet, columns: Columns, item: ItemRow): string[] => {
  const [left, right] = edgesOf(columns, 0);
  return sheet.wrap(item.name, right - left - 14, VALUE);
};

const rowHeight = (sheet: Sheet, columns: Columns, item: ItemRow): number =>
  ROW_HEIGHT + (nameLines(sheet, columns, item).length - 1) * WRAPPED_LINE;

function edgesOf(columns: Columns, index: number): readonly [number, number] {
  return [columns.edges[index] ?? 0, columns.edges[index + 1] ?? 0];
}
