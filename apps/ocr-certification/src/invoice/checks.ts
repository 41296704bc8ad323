import { INVOICE_CHECKS } from '@trivium/contracts/invoice';
import { checkArithmetic } from './check-arithmetic.js';
import { checkFormats } from './check-formats.js';
import { checkCommercial } from './check-commercial.js';
import { KIND_RULES } from './kind-rules.js';
import type { CheckedInvoice, Finding } from './finding.js';

/** The rules that the kind is subject to, in the order of the contract. */
export function checkInvoice(invoice: CheckedInvoice, today: string): Finding[] {
  const { checks } = KIND_RULES[invoice.kind];
  const findings = [
    ...checkArithmetic(invoice),
    ...checkFormats(invoice, today),
    ...checkCommercial(invoice),
  ];
  return INVOICE_CHECKS.filter((id) => checks.includes(id)).flatMap((id) =>
    findings.filter(({ check }) => check.id === id),
  );
}
