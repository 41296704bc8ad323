import { amountInWords } from './amount-in-words.js';
import { decimal } from './compose-invoice.js';
import { type InvoiceSpecification, type ItemRow } from './specification.js';
import { spoilTaxId } from './tax-id.js';

export type Fault = 'wrong-total' | 'wrong-words' | 'bad-tax-id' | 'wrong-item-amount' | 'wrong-item-tax';

/** Makes one statement on the invoice untrue, as a forger or a careless clerk would. */
export function spoilInvoice(invoice: InvoiceSpecification, fault: Fault): InvoiceSpecification {
  return FAULTS[fault](invoice);
}

/** Which checks must fail because of the fault. */
export const FAILED_CHECKS = {
  'wrong-total': ['net-plus-tax-is-total'],
  'wrong-words': ['words-equal-figures'],
  'bad-tax-id': ['seller-tax-id'],
  'wrong-item-amount': ['item-amount-matches-quantity', 'item-tax-matches-rate', 'items-sum-to-net'],
  'wrong-item-tax': ['item-tax-matches-rate', 'items-tax-sums-to-tax'],
} as const satisfies Record<Fault, readonly string[]>;

const FAULTS = {
  'wrong-total': (invoice) => {
    const total = cents(invoice.total) + 10000;
    return { ...invoice, total: decimal(total), totalInWords: amountInWords(total) };
  },
  'wrong-words': (invoice) => ({ ...invoice, totalInWords: amountInWords(cents(invoice.total) - 2000) }),
  'bad-tax-id': (invoice) => ({
    ...invoice,
    seller: { ...invoice.seller, taxId: spoilTaxId(invoice.seller.taxId) },
  }),
  'wrong-item-amount': (invoice) =>
    withFirstItem(invoice, (item) => ({ amount: decimal(cents(item.amount) + 30000) })),
  'wrong-item-tax': (invoice) =>
    withFirstItem(invoice, (item) => ({ taxAmount: decimal(cents(item.taxAmount) + 5000) })),
} as const satisfies Record<Fault, (invoice: InvoiceSpecification) => InvoiceSpecification>;

function withFirstItem(
  invoice: InvoiceSpecification,
  change: (item: ItemRow) => Partial<ItemRow>,
): InvoiceSpecification {
  const [first, ...rest] = invoice.items;
  if (first === undefined) throw new Error('the invoice has no rows');
  return { ...invoice, items: [{ ...first, ...change(first) }, ...rest] };
}

const cents = (amount: string): number => Math.round(Number(amount) * 100);
