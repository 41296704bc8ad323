import { Decimal } from 'decimal.js';
import { differs, HEADER_TOLERANCE, valueOf } from './field-value.js';
import { type CheckedInvoice, failed, type Finding, leastCertain, notApplicable, passed } from './finding.js';

/** What is asked of invoices and receipts in English beside the sums. */
export function checkCommercial(invoice: CheckedInvoice): Finding[] {
  return [checkAmountDue(invoice), checkDueDate(invoice), checkCurrency(invoice)];
}

const ZERO = new Decimal(0);

/**
 * Subtotal less discount, with shipping, gratuity and tax, is the total. What was not read counts as not
 * printed; a sum that then does not come out is no proof against the document.
 */
export function checkCommercialTotal(invoice: CheckedInvoice): Finding {
  const id = 'net-plus-tax-is-total';
  const { fields, details, taxIncluded = false, unexplainedAmounts = false } = invoice;
  const [net, total] = [valueOf(fields.netAmount), valueOf(fields.total)];
  if (net === null || total === null) return notApplicable(id, 'The subtotal or the total was not read.');
  const parts = [fields.taxAmount, details.discount, details.shipping, details.gratuity] as const;
  if (parts.some((part) => part != null && part.normalized === null)) {
    return notApplicable(id, 'An amount between subtotal and total has no certain meaning.');
  }
  const [tax, discount, shipping, gratuity] = parts.map((part) => valueOf(part) ?? ZERO) as [
    Decimal,
    Decimal,
    Decimal,
    Decimal,
  ];
  const sum = net.minus(discount).plus(shipping).plus(gratuity).plus(tax);
  const comesOut = (value: Decimal): boolean => !differs(value, total, HEADER_TOLERANCE);
  const confidence = leastCertain([fields.netAmount, fields.total, ...parts.map((part) => part ?? null)]);
  if (comesOut(sum) || (taxIncluded && comesOut(sum.minus(tax)))) {
    return passed(id, `Subtotal, tax and charges make the total of ${total.toFixed(2)}.`, confidence);
  }
  return failed(
    id,
    `Subtotal, tax and charges make ${sum.toFixed(2)}, the total states ${total.toFixed(2)}.`,
    {
      expected: sum.toFixed(2),
      actual: total.toFixed(2),
      confidence,
      grave: fields.taxAmount !== null && !unexplainedAmounts,
    },
  );
}

function checkAmountDue({ fields, details }: CheckedInvoice): Finding {
  const id = 'amount-due-is-total-less-paid';
  const [total, paid, due] = [valueOf(fields.total), valueOf(details.amountPaid), valueOf(details.amountDue)];
  if (total === null || due === null) return notApplicable(id, 'No amount due, or no total, was read.');
  const confidence = leastCertain([fields.total, details.amountPaid ?? null, details.amountDue ?? null]);
  const expected = total.minus(paid ?? ZERO);
  if (!differs(expected, due, HEADER_TOLERANCE)) {
    return passed(id, `What is due is ${due.toFixed(2)}.`, confidence);
  }
  if (paid === null) return notApplicable(id, 'The amount due is not the total, and no payment was read.');
  return failed(id, `Total less payments is ${expected.toFixed(2)}, ${due.toFixed(2)} is said to be due.`, {
    expected: expected.toFixed(2),
    actual: due.toFixed(2),
    confidence,
    grave: true,
  });
}

function checkDueDate({ fields, details }: CheckedInvoice): Finding {
  const id = 'due-date-not-before-date';
  const [date, due] = [fields.date?.normalized, details.dueDate?.normalized];
  if (date == null || due == null) return notApplicable(id, 'One of the dates was not read.');
  const confidence = leastCertain([fields.date, details.dueDate ?? null]);
  return due < date
    ? failed(id, 'Payment falls due before the date of the invoice.', {
        expected: date,
        actual: due,
        confidence,
        grave: false,
      })
    : passed(id, 'Payment falls due after the date of the invoice.', confidence);
}

function checkCurrency({ details, contradictions }: CheckedInvoice): Finding {
  const id = 'one-currency';
  const { currency } = details;
  if (currency == null) return notApplicable(id, 'No sign of a currency was read.');
  return contradictions.includes('currency')
    ? failed(id, 'The page names more than one currency.', {
        actual: currency.value,
        confidence: currency.confidence,
        grave: false,
      })
    : passed(id, 'The page names one currency.', currency.confidence);
}
