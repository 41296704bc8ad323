import { type Invoice, INVOICE_FIELDS, type InvoiceFieldName } from '@trivium/contracts/invoice';
import { isUntaxed } from './check-arithmetic.js';
import type { CheckedInvoice, Finding } from './finding.js';
import { isNoAmount } from '../value/amount.js';
import { isDigital, isSpecial } from './document-type.js';

/** Below this a value that the invoice must have is worth a second look. */
const DOUBTFUL = 0.8;
/** From here on a reading is trusted enough to hold it against the document. */
const CERTAIN = 0.85;

/**
 * REJECT when the document contradicts itself by values that were read with certainty, REVIEW when
 * anything is missing, doubtful or failed, else PASS.
 */
export function judge(
  invoice: CheckedInvoice,
  findings: readonly Finding[],
): Pick<Invoice, 'verdict' | 'reasons'> {
  const failures = findings.filter(({ check }) => check.status === 'failed');
  const reasons = [
    ...failures.map(({ check }) => check.id),
    ...missingFields(invoice).map((name) => `missing:${name}`),
    ...(invoice.items.length === 0 ? ['missing:items'] : []),
    ...doubtfulFields(invoice).map((name) => `low-confidence:${name}`),
  ];
  const rejected = failures.some(({ grave, confidence }) => grave && confidence >= CERTAIN);
  return { verdict: rejected ? 'REJECT' : reasons.length > 0 ? 'REVIEW' : 'PASS', reasons };
}

function missingFields({ fields, documentType, items }: CheckedInvoice): InvoiceFieldName[] {
  const required = INVOICE_FIELDS.filter((name) => {
    switch (name) {
      case 'code':
        return !isDigital(documentType);
      case 'checkCode':
        return !isDigital(documentType) && !isSpecial(documentType);
      case 'taxAmount':
        return !isUntaxed(items);
      case 'buyerTaxId':
        return isSpecial(documentType) || !isPrivatePerson(fields.buyerName?.normalized ?? null);
      default:
        return true;
    }
  });
  return required.filter((name) => fields[name] === null);
}

function doubtfulFields({ fields }: CheckedInvoice): InvoiceFieldName[] {
  return INVOICE_FIELDS.filter((name) => {
    const field = fields[name];
    // @NOTE the stars of an untaxed invoice are tiny and hold no figure to doubt
    return field !== null && !isNoAmount(field.value) && field.confidence < DOUBTFUL;
  });
}

/** Private buyers have no tax id: 个人, or a name too short for an organisation. */
function isPrivatePerson(name: string | null): boolean {
  return name !== null && (/^个人/.test(name) || (name.length <= 4 && !/[司厂店社部院校]$/.test(name)));
}
