import { decimal } from '../invoice/compose-invoice.js';
import { Random } from '../invoice/random.js';
import { LATIN_SANS, LATIN_SERIF, type Sheet, type TextStyle } from '../drawing/sheet.js';
import { type ComposedDocument, truthOfStatement } from '../document/document.js';
import { inventDate, pad } from '../slip/invent.js';
import {
  CURRENCIES,
  type Currency,
  type DateStyle,
  GOODS,
  inventAddress,
  inventFirm,
  money,
  writeDate,
} from './invent.js';

interface Line {
  readonly name: string;
  readonly quantity: number;
  readonly price: number;
}

interface Bill {
  readonly number: string;
  readonly date: string;
  readonly due: string;
  readonly order: string | null;
  readonly vendor: string;
  readonly vendorAddress: readonly string[];
  readonly customer: string;
  readonly customerAddress: readonly string[];
  readonly lines: readonly Line[];
  readonly currency: Currency;
  readonly dates: DateStyle;
  readonly subtotal: number;
  readonly discount: number;
  readonly shipping: number;
  readonly rate: number;
  readonly tax: number;
  readonly total: number;
  readonly paid: number;
  /** What the page states as the total. */
  readonly claimed: number;
}

function inventBill(random: Random): Bill {
  const shelf = [...GOODS];
  const lines: Line[] = [];
  for (let count = random.integer(1, 6); count > 0; count -= 1) {
    const goods = random.pick(shelf);
    shelf.splice(shelf.indexOf(goods), 1);
    lines.push({
      name: goods[0],
      quantity: random.integer(1, 24),
      price: random.integer(goods[1], goods[2]),
    });
  }
  const subtotal = lines.reduce((sum, { quantity, price }) => sum + quantity * price, 0);
  const discount = random.next() < 0.35 ? Math.round(subtotal * 0.05) : 0;
  const shipping = random.next() < 0.4 ? random.integer(5, 40) * 100 : 0;
  const rate = random.pick([5, 7, 8.25, 10, 19, 20]);
  const tax = Math.round(((subtotal - discount) * rate) / 100);
  const total = subtotal - discount + shipping + tax;
  const paid = random.next() < 0.3 ? Math.round(total / 4) : 0;
  const issued = inventDate(random);
  const date = issued.slice(0, 8) + pad(random.integer(13, 28)); // a numeric date must have one meaning
  const due = `${Number(date.slice(0, 4)) + 1}-${date.slice(5, 8)}${pad(random.integer(13, 28))}`;
  const customer = inventFirm(random);
  let vendor = inventFirm(random);
  while (vendor === customer) vendor = inventFirm(random);
  return {
    number: random.pick([
      `INV-${random.digits(5)}`,
      `${date.slice(0, 4)}-${random.digits(4)}`,
      random.digits(6),
    ]),
    date,
    due,
    order: random.next() < 0.6 ? `PO-${random.digits(5)}` : null,
    vendor,
    vendorAddress: inventAddress(random),
    customer,
    customerAddress: inventAddress(random),
    lines,
    currency: random.pick(CURRENCIES),
    dates: random.pick(['words', 'words-us', 'short', 'iso', 'eu', 'us']),
    subtotal,
    discount,
    shipping,
    rate,
    tax,
    total,
    paid,
    claimed: random.next() < 0.12 ? total + 10000 : total,
  };
}

/** A4, portrait: one of two arrangements, in a serif or a sans face. */
export function composeCommercial(seed: number): ComposedDocument {
  const random = new Random(seed);
  const bill = inventBill(random);
  const family = random.pick([LATIN_SANS, LATIN_SERIF]);
  const boxed = random.next() < 0.5;
  const accent = random.pick(['#1f3a5f', '#5b2333', '#2f4f3e', '#333333']);
  return {
    width: 1000,
    height: 1300,
    paper: '#ffffff',
    stampAt: [640, 1010],
    truth: truthOf(bill),
    draw(sheet) {
      const pen = new Pen(sheet, family, accent, bill);
      if (boxed) drawBoxed(pen);
      else drawPlain(pen);
    },
  };
}

function truthOf(bill: Bill): ComposedDocument['truth'] {
  const { currency, lines, paid } = bill;
  const amount = (cents: number): string | null => (cents === 0 ? null : decimal(cents));
  const wrong = bill.claimed !== bill.total;
  const due = bill.total - paid;
  return truthOfStatement({
    kind: 'commercial',
    documentType: null,
    fields: {
      number: bill.number,
      date: bill.date,
      buyerName: bill.customer,
      sellerName: bill.vendor,
      netAmount: decimal(bill.subtotal),
      taxAmount: decimal(bill.tax),
      total: decimal(bill.claimed),
    },
    details: {
      currency: currency.code === '' ? currency.sign : currency.code,
      orderNumber: bill.order,
      dueDate: bill.due,
      discount: amount(bill.discount),
      shipping: amount(bill.shipping),
      amountPaid: amount(paid),
      amountDue: paid === 0 ? null : decimal(due),
    },
    items: lines.map(({ name, quantity, price }) => ({
      name,
      quantity: String(quantity),
      unitPrice: decimal(price),
      amount: decimal(quantity * price),
    })),
    failedChecks: wrong
      ? ['net-plus-tax-is-total', ...(paid === 0 ? [] : ['amount-due-is-total-less-paid'])]
      : [],
    printed: [
      bill.number,
      writeDate(bill.date, bill.dates),
      writeDate(bill.due, bill.dates),
      bill.order,
      bill.vendor,
      bill.customer,
      money(bill.subtotal, currency.comma),
      money(bill.tax, currency.comma),
      money(bill.claimed, currency.comma),
      ...lines.flatMap(({ name, quantity, price }) => [
        name,
        String(quantity),
        money(price, currency.comma),
        money(quantity * price, currency.comma),
      ]),
    ],
  });
}

/** Draws the parts that both arrangements share. */
class Pen {
  constructor(
    readonly sheet: Sheet,
    readonly family: string,
    readonly accent: string,
    readonly bill: Bill,
  ) {}

  text(value: string, x: number, y: number, style: Partial<TextStyle> = {}): void {
    this.sheet.text(value, x, y, { size: 20, family: this.family, color: '#222222', ...style });
  }

  amount(cents: number): string {
    const { sign, comma } = this.bill.currency;
    const text = money(cents, comma);
    if (comma) return `${text} ${sign}`;
    return text.startsWith('-') ? `-${sign}${text.slice(1)}` : sign + text;
  }

  date(date: string): string {
    return writeDate(date, this.bill.dates);
  }

  /** Column edges: description, quantity, price, amount (right edges but for the first). */
  table(top: number, titles: readonly [string, string, string, string], filled: boolean): number {
    const { sheet, bill } = this;
    const edges = [70, 610, 760, 930] as const;
    if (filled) {
      sheet.context.fillStyle = this.accent;
      sheet.context.fillRect(60, top - 28, 880, 42);
    } else sheet.line(60, top + 14, 940, top + 14, this.accent, 1.5);
    titles.forEach((title, index) => {
      this.text(title, edges[index] ?? 0, top, {
        align: index === 0 ? 'left' : 'right',
        color: filled ? '#ffffff' : this.accent,
        bold: true,
      });
    });
    let y = top + 46;
    for (const { name, quantity, price } of bill.lines) {
      this.text(name, edges[0], y);
      this.text(String(quantity), edges[1], y, { align: 'right' });
      this.text(this.amount(price), edges[2], y, { align: 'right' });
      this.text(this.amount(quantity * price), edges[3], y, { align: 'right' });
      if (filled) sheet.line(60, y + 14, 940, y + 14, '#cccccc', 1);
      y += 40;
    }
    return y;
  }

  sums(top: number, words: { readonly tax: string; readonly total: string; readonly due: string }): void {
    const { bill } = this;
    const rows: (readonly [string, string])[] = [['Subtotal', this.amount(bill.subtotal)]];
    if (bill.discount > 0) rows.push(['Discount', this.amount(-bill.discount)]);
    if (bill.shipping > 0) rows.push(['Shipping', this.amount(bill.shipping)]);
    rows.push(
      [`${words.tax} (${bill.rate}%)`, this.amount(bill.tax)],
      [words.total, this.amount(bill.claimed)],
    );
    if (bill.paid > 0) {
      rows.push(['Amount paid', this.amount(bill.paid)], [words.due, this.amount(bill.total - bill.paid)]);
    }
    rows.forEach(([name, value], index) => {
      const y = top + index * 36;
      const bold = name === words.total || name === words.due;
      this.text(name, 600, y, { bold });
      this.text(value, 930, y, { align: 'right', bold });
    });
  }
}

function drawPlain(pen: Pen): void {
  const { bill, accent } = pen;
  pen.text(bill.vendor, 60, 96, { size: 30, color: accent, bold: true });
  bill.vendorAddress.forEach((line, index) => {
    pen.text(line, 60, 130 + index * 26, { size: 18 });
  });
  pen.text('INVOICE', 940, 100, { size: 42, align: 'right', color: accent });
  const rows: (readonly [string, string])[] = [
    ['Invoice #', bill.number],
    ['Invoice date', pen.date(bill.date)],
    ['Due date', pen.date(bill.due)],
  ];
  if (bill.order !== null) rows.push(['P.O. #', bill.order]);
  rows.forEach(([name, value], index) => {
    pen.text(name, 560, 240 + index * 34, { bold: true, color: accent });
    pen.text(value, 940, 240 + index * 34, { align: 'right' });
  });
  pen.text('Bill to', 60, 240, { bold: true, color: accent });
  pen.text(bill.customer, 60, 274);
  bill.customerAddress.forEach((line, index) => {
    pen.text(line, 60, 304 + index * 28);
  });
  const end = pen.table(460, ['Description', 'Qty', 'Unit price', 'Amount'], false);
  pen.sums(end + 40, { tax: 'Sales tax', total: 'Total', due: 'Balance due' });
  foot(pen, 1200);
}

function drawBoxed(pen: Pen): void {
  const { bill, accent, sheet } = pen;
  pen.text('Tax Invoice', 60, 90, { size: 40, color: accent });
  pen.text('From:', 60, 150, { bold: true });
  pen.text(bill.vendor, 60, 182);
  bill.vendorAddress.forEach((line, index) => {
    pen.text(line, 60, 212 + index * 28, { size: 18 });
  });
  pen.text('Billed to:', 520, 150, { bold: true });
  pen.text(bill.customer, 520, 182);
  bill.customerAddress.forEach((line, index) => {
    pen.text(line, 520, 212 + index * 28, { size: 18 });
  });
  sheet.box(60, 290, 940, 376, accent, 1.2);
  const cells: (readonly [string, string])[] = [
    ['Invoice No.', bill.number],
    ['Date of issue', pen.date(bill.date)],
    ['Payment due', pen.date(bill.due)],
    ['PO Number', bill.order ?? ''],
  ];
  cells.forEach(([name, value], index) => {
    const x = 60 + index * 220;
    if (name === 'PO Number' && value === '') return;
    if (index > 0) sheet.line(x, 290, x, 376, accent, 1);
    pen.text(name, x + 12, 320, { size: 17, color: accent });
    pen.text(value, x + 12, 356);
  });
  const end = pen.table(446, ['Item', 'Quantity', 'Price', 'Total'], true);
  pen.sums(end + 40, { tax: 'VAT', total: 'Invoice total', due: 'Amount due' });
  foot(pen, 1220);
}

function foot(pen: Pen, y: number): void {
  const { bill } = pen;
  const all = bill.currency.named ? `All amounts in ${bill.currency.code}. ` : '';
  pen.text(`${all}Thank you for your business.`, 60, y, { size: 18, color: '#555555' });
}
