import { decimal } from '../invoice/compose-invoice.js';
import { Random } from '../invoice/random.js';
import { LATIN_SANS, MONO, type TextStyle } from '../drawing/sheet.js';
import { type ComposedDocument, truthOfStatement } from '../document/document.js';
import { clock, inventDate, pad } from '../slip/invent.js';
import { CURRENCIES, inventAddress, inventFirm, money, WARES, writeDate } from './invent.js';

/** A till receipt in English, with the tax added at the end or already in the prices. */
export function composeReceipt(seed: number): ComposedDocument {
  const random = new Random(seed);
  const currency = random.pick(CURRENCIES.filter(({ named }) => !named));
  const shelf = [...WARES];
  const lines: { readonly name: string; readonly quantity: number; readonly price: number }[] = [];
  for (let count = random.integer(1, 6); count > 0; count -= 1) {
    const ware = random.pick(shelf);
    shelf.splice(shelf.indexOf(ware), 1);
    lines.push({ name: ware[0], quantity: random.integer(1, 4), price: random.integer(ware[1], ware[2]) });
  }
  const subtotal = lines.reduce((sum, { quantity, price }) => sum + quantity * price, 0);
  const rate = random.pick([6, 7.5, 10]);
  const tax = Math.round((subtotal * rate) / 100);
  const tip = random.next() < 0.25 ? Math.round(subtotal * 0.15) : 0;
  const total = subtotal + tax + tip;
  const claimed = random.next() < 0.1 ? total + 500 : total;
  const seller = inventFirm(random);
  const address = inventAddress(random);
  const date = inventDate(random).slice(0, 8) + pad(random.integer(13, 28));
  const style = random.pick(['us', 'eu', 'iso', 'short'] as const);
  const number = random.digits(6);
  const family = random.pick([MONO, LATIN_SANS]);
  const columns = random.next() < 0.5;
  const amount = (cents: number): string => money(cents, currency.comma);
  const signed = (cents: number): string =>
    currency.comma ? `${amount(cents)} ${currency.sign}` : currency.sign + amount(cents);
  const rows: (readonly [string, string])[] = [
    ['Subtotal', signed(subtotal)],
    [`Tax ${rate}%`, signed(tax)],
    ...(tip > 0 ? [['Tip', signed(tip)] as const] : []),
    ['TOTAL', signed(claimed)],
  ];
  const top = columns ? 290 : 260;
  const step = columns ? 36 : 60;
  const end = top + lines.length * step + 30;
  const time = clock(random.integer(480, 1300));
  return {
    width: 480,
    height: end + rows.length * 36 + 150,
    paper: '#fcfcfa',
    stampAt: [250, end],
    truth: truthOfStatement({
      kind: 'receipt',
      documentType: null,
      fields: {
        number,
        date,
        sellerName: seller,
        netAmount: decimal(subtotal),
        taxAmount: decimal(tax),
        total: decimal(claimed),
      },
      details: {
        currency: currency.code === '' ? currency.sign : currency.code,
        gratuity: tip === 0 ? null : decimal(tip),
      },
      items: lines.map(({ name, quantity, price }) => ({
        name,
        quantity: String(quantity),
        unitPrice: decimal(price),
        amount: decimal(quantity * price),
      })),
      failedChecks: claimed === total ? [] : ['net-plus-tax-is-total'],
      printed: [
        seller,
        number,
        writeDate(date, style),
        amount(subtotal),
        amount(tax),
        amount(claimed),
        ...lines.flatMap(({ name, quantity, price }) => [name, amount(price), amount(quantity * price)]),
      ],
    }),
    draw(sheet) {
      const ink: TextStyle = { size: 20, family, color: '#2c2c33' };
      const right: TextStyle = { ...ink, align: 'right' };
      const centre: TextStyle = { ...ink, align: 'center' };
      sheet.text(seller, 240, 60, { ...centre, size: 25, bold: true, maxWidth: 420 });
      address.forEach((line, index) => {
        sheet.text(line, 240, 94 + index * 26, { ...centre, size: 18 });
      });
      sheet.text('RECEIPT', 240, 160, { ...centre, size: 22 });
      sheet.text(`Receipt #: ${number}`, 36, 196, ink);
      sheet.text(`Date: ${writeDate(date, style)}`, 36, 226, ink);
      sheet.text(time, 444, 226, right);
      if (columns) {
        for (const [title, x, align] of [
          ['Item', 36, 'left'],
          ['Qty', 260, 'right'],
          ['Price', 346, 'right'],
          ['Total', 444, 'right'],
        ] as const) {
          sheet.text(title, x, top - 30, { ...ink, align });
        }
      }
      sheet.line(36, columns ? top - 20 : top - 24, 444, columns ? top - 20 : top - 24, '#888888', 1);
      lines.forEach(({ name, quantity, price }, index) => {
        const y = top + 8 + index * step;
        sheet.text(name, 36, y, columns ? { ...ink, maxWidth: 180 } : ink);
        if (columns) {
          sheet.text(String(quantity), 260, y, right);
          sheet.text(amount(price), 346, y, right);
          sheet.text(amount(quantity * price), 444, y, right);
        } else {
          sheet.text(`${quantity} x ${amount(price)}`, 60, y + 27, ink);
          sheet.text(amount(quantity * price), 444, y + 27, right);
        }
      });
      sheet.line(36, end - 16, 444, end - 16, '#888888', 1);
      rows.forEach(([name, value], index) => {
        const bold = name === 'TOTAL';
        sheet.text(name, 36, end + 18 + index * 36, { ...ink, bold, size: bold ? 25 : 20 });
        sheet.text(value, 444, end + 18 + index * 36, { ...right, bold, size: bold ? 25 : 20 });
      });
      sheet.text('Thank you, please come again', 240, end + rows.length * 36 + 60, { ...centre, size: 18 });
    },
  };
}
