import { INVOICE_CHECKS } from '@trivium/contracts/invoice';
import { checkArithmetic } from './check-arithmetic.js';
import { checkFormats } from './check-formats.js';
import type { CheckedInvoice, Finding } from './finding.js';

/** Every rule, in the order of the contract. */
export function checkInvoice(invoice: CheckedInvoice, today: string): Finding[] {
  const findings = [...checkArithmetic(invoice), ...checkFormats(invoice, today)];
  return INVOICE_CHECKS.flatMap((id) => findings.filter(({ check }) => check.id === id));
}
