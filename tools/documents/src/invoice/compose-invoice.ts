import { amountInWords } from './amount-in-words.js';
import {
  BANKS,
  BUSINESSES,
  CITIES,
  EXEMPT_GOODS,
  GOODS,
  type Goods,
  STREETS,
  TRADE_NAMES,
} from './catalogue.js';
import { Random } from './random.js';
import { type InvoiceLayout, type InvoiceSpecification, type ItemRow, type Party } from './specification.js';
import { inventTaxId } from './tax-id.js';

export interface InvoiceWishes {
  readonly layout: InvoiceLayout;
  readonly rows: number;
  /** The buyer is a private person without a tax id. */
  readonly privateBuyer?: boolean;
  /** The last row is a discount on the row before it. */
  readonly discount?: boolean;
  /** Rows are exempt from tax: their tax is `***`. */
  readonly exempt?: boolean;
  /** Unit prices were derived from prices with tax, so they have many decimals. */
  readonly derivedPrices?: boolean;
  /** The digital layout as 增值税专用发票 instead of 普通发票. */
  readonly special?: boolean;
}

interface Row {
  readonly cells: ItemRow;
  readonly amount: number;
  readonly tax: number;
}

/** One consistent invoice: sums, words and check digits are all right. */
export function composeInvoice(seed: number, wishes: InvoiceWishes): InvoiceSpecification {
  const random = new Random(seed);
  const city = random.pick(CITIES);
  const seller = composeParty(random, city.prefix);
  let buyer = composeParty(random, random.pick(CITIES).prefix);
  while (buyer.name.includes(seller.name.slice(2, 5))) buyer = composeParty(random, city.prefix);
  const year = random.integer(2022, 2024);
  const rows = composeRows(random, wishes);
  const net = rows.reduce((sum, row) => sum + row.amount, 0);
  const tax = rows.reduce((sum, row) => sum + row.tax, 0);
  const digital = wishes.layout === 'digital';
  return {
    layout: wishes.layout,
    title: titleOf(wishes, city.region),
    region: city.region,
    code: digital ? null : codeOf(random, wishes.layout, city.code, year),
    number: digital
      ? `${String(year).slice(2)}${city.code}2${random.integer(0, 1)}00000${random.digits(9)}`
      : random.digits(8),
    date: `${year}-${pad(random.integer(1, 12))}-${pad(random.integer(1, 28))}`,
    checkCode: wishes.layout === 'vat-electronic' ? random.digits(20) : null,
    machineNumber: random.digits(12),
    cipher: Array.from({ length: 4 }, () => cipherLine(random)),
    buyer: wishes.privateBuyer ? { name: '个人', taxId: '', addressAndPhone: '', bankAndAccount: '' } : buyer,
    seller,
    items: rows.map((row) => row.cells),
    netAmount: decimal(net),
    taxAmount: wishes.exempt ? '***' : decimal(tax),
    totalInWords: amountInWords(net + tax),
    total: decimal(net + tax),
    remark: random.next() < 0.6 ? [`订单号：DD${random.digits(10)}`] : [],
    payee: random.pick(['收银甲', '出纳甲', '财务甲']),
    reviewer: random.pick(['复核乙', '财务乙']),
    issuer: random.pick(['管理员', '开票员丙']),
  };
}

function titleOf(wishes: InvoiceWishes, region: string): string {
  if (wishes.layout === 'digital')
    return wishes.special ? '电子发票（增值税专用发票）' : '电子发票（普通发票）';
  return region + (wishes.layout === 'vat-special' ? '增值税专用发票' : '增值税电子普通发票');
}

function codeOf(random: Random, layout: InvoiceLayout, province: string, year: number): string {
  const short = String(year).slice(2);
  return layout === 'vat-special'
    ? `${province}00${short}${random.integer(1, 9)}1${random.integer(1, 7)}0`
    : `0${province}00${short}00${random.integer(1, 5)}11`;
}

function composeRows(random: Random, wishes: InvoiceWishes): Row[] {
  const shelf = [...(wishes.exempt ? EXEMPT_GOODS : GOODS)];
  const rows: Row[] = [];
  while (rows.length < wishes.rows) {
    const goods = random.pick(shelf);
    shelf.splice(shelf.indexOf(goods), 1);
    rows.push(composeRow(random, goods, wishes.derivedPrices ?? false));
    if (wishes.discount && rows.length === wishes.rows - 1) rows.push(discountOf(random, rows.at(-1)));
  }
  return rows;
}

function composeRow(random: Random, goods: Goods, derived: boolean): Row {
  const quantity = random.integer(...goods.quantity);
  const listed = random.integer(...goods.price);
  const share = goods.rate === '免税' ? 0 : Number.parseInt(goods.rate, 10) / 100;
  const price = derived ? Math.round((listed / (1 + share)) * 1e6) / 1e6 : listed;
  const amount = Math.round(quantity * price);
  const tax = Math.round(amount * share);
  return {
    amount,
    tax,
    cells: {
      name: goods.name,
      specification: goods.specification,
      unit: goods.unit,
      quantity: String(quantity),
      unitPrice: derived ? trimZeros((price / 100).toFixed(8)) : decimal(price),
      amount: decimal(amount),
      taxRate: goods.rate,
      taxAmount: goods.rate === '免税' ? '***' : decimal(tax),
    },
  };
}

function discountOf(random: Random, row: Row | undefined): Row {
  if (row === undefined) throw new Error('a discount needs a row before it');
  const share = random.integer(3, 12) / 100;
  const amount = -Math.round(row.amount * share);
  const tax = Math.round((amount * Number.parseInt(row.cells.taxRate, 10)) / 100);
  return {
    amount,
    tax,
    cells: {
      ...row.cells,
      specification: '',
      unit: '',
      quantity: '',
      unitPrice: '',
      amount: decimal(amount),
      taxAmount: decimal(tax),
    },
  };
}

function composeParty(random: Random, city: string): Party {
  const name = random.pick(TRADE_NAMES);
  const business = random.pick(BUSINESSES);
  return {
    name: random.next() < 0.35 ? `${name}（${city}）${business}` : `${city}${name}${business}`,
    taxId: inventTaxId(random),
    addressAndPhone: `${city}市${random.pick(STREETS)}${random.integer(1, 999)}号 0${random.integer(10, 79)}-5550${random.digits(4)}`,
    bankAndAccount: `${random.pick(BANKS)}${city}分行 ${random.digits(16)}`,
  };
}

function cipherLine(random: Random): string {
  return Array.from({ length: 27 }, () => random.pick([...'0123456789+-*/<>'])).join('');
}

export function decimal(cents: number): string {
  return (cents / 100).toFixed(2);
}

const trimZeros = (text: string): string => text.replace(/0+$/, '').replace(/\.$/, '');
const pad = (value: number): string => String(value).padStart(2, '0');
