import { drawInvoice, invoiceHeight, SHEET_WIDTH } from '../drawing/draw-invoice.js';
import { composeInvoice } from '../invoice/compose-invoice.js';
import { Random } from '../invoice/random.js';
import { FAILED_CHECKS, type Fault, spoilInvoice } from '../invoice/spoil-invoice.js';
import { truthOf } from '../invoice/truth.js';
import type { ComposedDocument } from './document.js';

type VatKind = 'vat-general' | 'vat-special' | 'digital-general' | 'digital-special';

const FAULTS = Object.keys(FAILED_CHECKS) as Fault[];

/** The forms of `samples/invoices` with everything about them drawn from the seed. */
export function composeVat(kind: VatKind, seed: number): ComposedDocument {
  const random = new Random(seed);
  const rows = random.integer(1, 6);
  const special = kind.endsWith('special');
  const honest = composeInvoice(seed, {
    layout: kind === 'vat-general' ? 'vat-electronic' : kind === 'vat-special' ? 'vat-special' : 'digital',
    rows,
    special,
    privateBuyer: !special && random.next() < 0.1,
    discount: rows > 2 && random.next() < 0.2,
    derivedPrices: random.next() < 0.25,
  });
  const fault = random.next() < 0.12 ? random.pick(FAULTS) : undefined;
  const invoice = fault === undefined ? honest : spoilInvoice(honest, fault);
  const words = fault === 'wrong-words' ? (Number(honest.total) - 20).toFixed(2) : invoice.total;
  const truth = truthOf('', 'clean', invoice, words, fault);
  const { date, totalInWords: _amount, ...others } = truth.fields;
  const [year, month, day] = date?.split('-') ?? [];
  return {
    width: SHEET_WIDTH,
    height: invoiceHeight(invoice),
    paper: kind === 'vat-special' ? '#fdfaf3' : '#ffffff',
    stampAt: [640, 470],
    truth: {
      kind,
      documentType: truth.documentType,
      fields: truth.fields as ComposedDocument['truth']['fields'],
      details: {},
      items: truth.items,
      verdict: truth.verdict,
      failedChecks: truth.failedChecks,
      printed: [
        ...Object.values(others),
        invoice.totalInWords,
        `${year}年${month}月${day}日`,
        ...truth.items.flatMap((item) => Object.values(item)),
      ].filter((value) => value !== null),
    },
    draw(sheet) {
      drawInvoice(sheet, invoice, seed);
    },
  };
}
