import { findApproximately } from '../layout/find-approximately.js';
import type { Row } from '../layout/row.js';

export type EnglishLabel =
  | 'number'
  | 'date'
  | 'dueDate'
  | 'orderNumber'
  | 'buyer'
  | 'seller'
  | 'shipTo'
  | 'taxId'
  | 'subtotal'
  | 'tax'
  | 'discount'
  | 'shipping'
  | 'gratuity'
  | 'total'
  | 'amountDue'
  | 'amountPaid'
  | 'other';

/** Lower case without blanks, since readers lose the blanks of Latin text. */
const LABELS: Readonly<Record<EnglishLabel, readonly string[]>> = {
  number: [
    'invoicenumber',
    'invoiceno',
    'invoice#',
    'invoiceid',
    'invoicenum',
    'invoiceref',
    'receiptnumber',
    'receiptno',
    'receipt#',
    'receiptid',
    'transaction#',
    'transactionid',
  ],
  date: ['invoicedate', 'dateofissue', 'issuedate', 'dateissued', 'issuedon', 'receiptdate', 'date'],
  dueDate: ['duedate', 'paymentduedate', 'paymentdue', 'datedue', 'dueby', 'dueon', 'payby'],
  orderNumber: [
    'purchaseordernumber',
    'purchaseorder#',
    'purchaseorder',
    'ponumber',
    'p.o.number',
    'po#',
    'p.o.#',
    'pono',
    'p.o.no',
  ],
  buyer: ['billto', 'billedto', 'soldto', 'invoiceto', 'invoicedto', 'customername', 'customer', 'client'],
  seller: ['billfrom', 'soldby', 'vendor', 'seller', 'supplier', 'from'],
  shipTo: ['shipto', 'shippedto', 'deliverto', 'remitto'],
  taxId: ['taxid', 'vatnumber', 'vatno', 'vatid', 'vatregno', 'gstno', 'gstin', 'abn', 'ein', 'taxinvoice'],
  subtotal: [
    'subtotal',
    'sub-total',
    'nettotal',
    'netamount',
    'totalnet',
    'amountbeforetax',
    'totalbeforetax',
    'totalexcl.tax',
    'totalexcl.vat',
  ],
  tax: ['salestax', 'totaltax', 'totalvat', 'taxamount', 'vatamount', 'tax', 'vat', 'gst', 'hst'],
  discount: ['discount', 'lessdiscount', 'totaldiscount'],
  shipping: [
    'shipping&handling',
    'shippingandhandling',
    'shippingcost',
    'shipping',
    'deliverycharge',
    'delivery',
    'freight',
    'postage',
  ],
  gratuity: ['gratuity', 'tip', 'servicecharge'],
  total: [
    'invoicetotal',
    'grandtotal',
    'ordertotal',
    'totalamount',
    'totalincl.tax',
    'totalincl.vat',
    'total',
  ],
  amountDue: ['amountdue', 'balancedue', 'totaldue', 'amountpayable', 'totalpayable', 'balance'],
  amountPaid: ['amountpaid', 'totalpaid', 'paymentreceived', 'payments', 'depositpaid', 'lesspaid', 'paid'],
  other: ['cash', 'change', 'tendered', 'card', 'rounding'],
};

export interface FoundLabel {
  readonly name: EnglishLabel;
  readonly start: number;
  readonly end: number;
}

export interface EnglishRow {
  readonly row: Row;
  readonly labels: readonly FoundLabel[];
}

/** Labels from left to right; of labels that overlap the longest. */
export function labelEnglishRow(row: Row): EnglishRow {
  const text = row.text.toLowerCase();
  const found = (Object.entries(LABELS) as [EnglishLabel, readonly string[]][])
    .flatMap(([name, labels]) =>
      labels.flatMap((label) =>
        findApproximately(text, label, Math.floor(label.length / 9)).map((match) => ({
          ...match,
          name,
          weight: label.length - 2 * match.errors,
        })),
      ),
    )
    .filter(({ start, end }) => isWord(row.text, start, end))
    .sort((a, b) => b.weight - a.weight);
  const kept: FoundLabel[] = [];
  for (const { name, start, end } of found) {
    if (kept.every((label) => end <= label.start || start >= label.end)) kept.push({ name, start, end });
  }
  return { row, labels: kept.sort((a, b) => a.start - b.start) };
}

/** Between blanks or signs, or, where those were lost, from a capital to what is no small letter. */
function isWord(text: string, start: number, end: number): boolean {
  const [before, first, after] = [text.charAt(start - 1), text.charAt(start), text.charAt(end)];
  const begins = !/[A-Za-z]/.test(before) || (/[a-z]/.test(before) && /[A-Z]/.test(first));
  return begins && !/[a-z]/.test(after);
}
