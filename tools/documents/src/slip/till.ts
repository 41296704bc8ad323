import type { Random } from '../invoice/random.js';
import { decimal } from '../invoice/compose-invoice.js';

/** What is sold over a counter; prices with tax, in cents. */
const WARES = [
  ['打印纸A4', 1800, 3200],
  ['签字笔', 150, 680],
  ['瓶装水', 150, 450],
  ['套餐饭', 1800, 4800],
  ['停车费', 500, 3000],
  ['干洗服务', 1500, 6500],
  ['电池', 590, 2590],
  ['面包', 480, 1680],
  ['文件夹', 350, 1290],
  ['快递费', 800, 2600],
] as const;

export interface TillRow {
  readonly name: string;
  readonly unitPrice: string;
  readonly quantity: string;
  readonly amount: string;
}

export interface TillRows {
  readonly rows: readonly TillRow[];
  /** Cents. */
  readonly total: number;
}

export function inventTillRows(random: Random, count: number): TillRows {
  const shelf = [...WARES];
  const rows: TillRow[] = [];
  let total = 0;
  while (rows.length < count) {
    const ware = random.pick(shelf);
    shelf.splice(shelf.indexOf(ware), 1);
    const [name, low, high] = ware;
    const price = random.integer(low / 10, high / 10) * 10;
    const quantity = random.integer(1, 9);
    total += price * quantity;
    rows.push({
      name,
      unitPrice: decimal(price),
      quantity: String(quantity),
      amount: decimal(price * quantity),
    });
  }
  return { rows, total };
}
