import type { DocumentField, InvoiceFields, InvoiceItem } from '@trivium/contracts/invoice';
import { Decimal } from 'decimal.js';
import { isCommercial } from './kind-rules.js';
import { foldText } from '../layout/fold-character.js';
import { writeAmountInWords } from '../value/amount-in-words.js';
import { rateFactor } from '../value/rate.js';
import { checkCommercialTotal } from './check-commercial.js';
import { differs, HEADER_TOLERANCE, LINES_TOLERANCE, valueOf } from './field-value.js';
import { type CheckedInvoice, failed, type Finding, leastCertain, notApplicable, passed } from './finding.js';

/** Sums, products and words; all in decimals, so that a fen is a fen. */
export function checkArithmetic(invoice: CheckedInvoice): Finding[] {
  const { fields, items, kind } = invoice;
  return [
    checkSum('items-sum-to-net', 'amount', items, fields.netAmount),
    checkSum('items-tax-sums-to-tax', 'taxAmount', items, fields.taxAmount),
    checkItemTax(items),
    checkItemAmount(items),
    checkSum(
      'items-sum-to-total',
      'amount',
      items,
      isCommercial(kind) && fields.netAmount !== null ? null : fields.total,
    ),
    isCommercial(kind) ? checkCommercialTotal(invoice) : checkGrandTotal(fields, items),
    checkWords(fields.totalInWords, fields.total),
  ];
}

/** No line is taxed, so that stars stand for the tax, which readers easily miss. */
export function isUntaxed(items: readonly InvoiceItem[]): boolean {
  return (
    items.length > 0 &&
    items.every(({ taxRate }) => taxRate?.normalized != null && !taxRate.normalized.endsWith('%'))
  );
}

function checkSum(
  id: 'items-sum-to-net' | 'items-tax-sums-to-tax' | 'items-sum-to-total',
  cell: 'amount' | 'taxAmount',
  items: readonly InvoiceItem[],
  sumField: DocumentField | null,
): Finding {
  const stated = valueOf(sumField);
  const amounts = items.map((item) => valueOf(item[cell]));
  if (stated === null || items.length === 0) return notApplicable(id, 'The sum or the items were not read.');
  const known = amounts.filter((amount) => amount !== null);
  if (known.length < amounts.length) {
    return notApplicable(
      id,
      `${amounts.length - known.length} of ${amounts.length} items have no amount that was read.`,
    );
  }
  const sum = known.reduce((total, amount) => total.plus(amount), new Decimal(0));
  const confidence = leastCertain([sumField, ...items.map((item) => item[cell])]);
  return differs(sum, stated, LINES_TOLERANCE)
    ? failed(id, `The items sum to ${sum.toFixed(2)}, the invoice states ${stated.toFixed(2)}.`, {
        expected: sum.toFixed(2),
        actual: stated.toFixed(2),
        confidence,
        grave: true,
      })
    : passed(id, `The items sum to ${stated.toFixed(2)}.`, confidence);
}

/** One item against a rule; null when a value the rule needs is not there. */
interface ItemFault {
  readonly row: number;
  readonly expected: Decimal;
  readonly actual: Decimal;
  readonly confidence: number;
}

function checkItemTax(items: readonly InvoiceItem[]): Finding {
  const id = 'item-tax-matches-rate';
  const faults: ItemFault[] = [];
  let examined = 0;
  for (const [index, item] of items.entries()) {
    const [amount, tax, rate] = [
      valueOf(item.amount),
      valueOf(item.taxAmount),
      item.taxRate?.normalized ?? null,
    ];
    if (amount === null || tax === null || rate === null) continue;
    examined += 1;
    const expected = amount.times(rateFactor(rate)).toDecimalPlaces(2);
    if (differs(expected, tax, LINES_TOLERANCE)) {
      const confidence = leastCertain([item.amount, item.taxAmount, item.taxRate]);
      faults.push({ row: index + 1, expected, actual: tax, confidence });
    }
  }
  return judgeItems(id, examined, faults, 'tax');
}

function checkItemAmount(items: readonly InvoiceItem[]): Finding {
  const id = 'item-amount-matches-quantity';
  const faults: ItemFault[] = [];
  let examined = 0;
  for (const [index, item] of items.entries()) {
    const [amount, quantity, price] = [valueOf(item.amount), valueOf(item.quantity), valueOf(item.unitPrice)];
    if (amount === null || quantity === null || price === null) continue;
    examined += 1;
    const expected = quantity.times(price).toDecimalPlaces(2);
    if (differs(expected, amount, priceTolerance(quantity, price))) {
      const confidence = leastCertain([item.amount, item.quantity, item.unitPrice]);
      faults.push({ row: index + 1, expected, actual: amount, confidence });
    }
  }
  return judgeItems(id, examined, faults, 'amount');
}

/** A printed price was rounded at its last digit; the quantity multiplies what that took away. */
function priceTolerance(quantity: Decimal, price: Decimal): Decimal {
  const step = new Decimal(10).pow(-Math.max(2, price.decimalPlaces()));
  return Decimal.max(LINES_TOLERANCE, quantity.abs().times(step).div(2).plus(HEADER_TOLERANCE));
}

function judgeItems(
  id: 'item-tax-matches-rate' | 'item-amount-matches-quantity',
  examined: number,
  faults: readonly ItemFault[],
  noun: string,
): Finding {
  const [first] = faults;
  if (examined === 0) return notApplicable(id, 'No item has all the values that the rule needs.');
  if (first === undefined) return passed(id, `The ${noun} of ${examined} items is right.`);
  const rows = faults.map(({ row }) => row).join(', ');
  return failed(id, `The ${noun} does not follow from the other values in item ${rows}.`, {
    expected: first.expected.toFixed(2),
    actual: first.actual.toFixed(2),
    confidence: Math.max(...faults.map(({ confidence }) => confidence)),
    grave: true,
  });
}

function checkGrandTotal(
  { netAmount, taxAmount, total: totalField }: InvoiceFields,
  items: readonly InvoiceItem[],
): Finding {
  const id = 'net-plus-tax-is-total';
  const untaxed = taxAmount === null && isUntaxed(items) ? new Decimal(0) : null;
  const [net, tax, total] = [valueOf(netAmount), valueOf(taxAmount) ?? untaxed, valueOf(totalField)];
  if (net === null || tax === null || total === null) {
    return notApplicable(id, 'One of net amount, tax and total was not read.');
  }
  const sum = net.plus(tax);
  const confidence = leastCertain([netAmount, taxAmount, totalField]);
  return differs(sum, total, HEADER_TOLERANCE)
    ? failed(id, `Net amount and tax make ${sum.toFixed(2)}, the total states ${total.toFixed(2)}.`, {
        expected: sum.toFixed(2),
        actual: total.toFixed(2),
        confidence,
        grave: true,
      })
    : passed(id, `Net amount and tax make the total of ${total.toFixed(2)}.`, confidence);
}

function checkWords(wordsField: DocumentField | null, totalField: DocumentField | null): Finding {
  const id = 'words-equal-figures';
  const total = valueOf(totalField);
  if (wordsField === null || total === null)
    return notApplicable(id, 'The total in words or in figures was not read.');
  if (wordsField.quadrilateral !== null && wordsField.quadrilateral === totalField?.quadrilateral) {
    return notApplicable(id, 'The amount stands on the page once, in words.');
  }
  const words = valueOf(wordsField);
  const confidence = leastCertain([wordsField, totalField]);
  const expected = writeAmountInWords(total);
  if (words === null) {
    return failed(id, 'The total in words cannot be read as an amount.', {
      expected,
      actual: wordsField.value,
      confidence,
      grave: false,
    });
  }
  return differs(words, total, new Decimal(0))
    ? failed(id, `The words state ${words.toFixed(2)}, the figures ${total.toFixed(2)}.`, {
        expected,
        actual: wordsField.value,
        confidence,
        // @NOTE words that are the end of the right ones were cut off in reading, which no forger does
        grave: !expected.endsWith(foldText(wordsField.value)),
      })
    : passed(id, `Words and figures both state ${total.toFixed(2)}.`, confidence);
}
