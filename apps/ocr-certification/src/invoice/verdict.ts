import {
  type DocumentField,
  type Invoice,
  INVOICE_DETAILS,
  INVOICE_FIELDS,
  type InvoiceDetailName,
  type InvoiceFieldName,
} from '@trivium/contracts/invoice';
import { isUntaxed } from './check-arithmetic.js';
import type { CheckedInvoice, Finding } from './finding.js';
import { isNoAmount } from '../value/amount.js';
import { isCommercial, isSpecial, KIND_RULES } from './kind-rules.js';

/** Below this a value that the invoice must have is worth a second look. */
const DOUBTFUL = 0.8;
/** From here on a reading is trusted enough to hold it against the document. */
const CERTAIN = 0.85;

/** Nothing else on the page bears the total out, so the reading alone must be beyond doubt. */
const CERTAIN_ALONE = 0.9;
/** Checks that a wrong total would fail. */
const BEARS_OUT_TOTAL: readonly Finding['check']['id'][] = [
  'net-plus-tax-is-total',
  'words-equal-figures',
  'items-sum-to-total',
];

type FieldName = InvoiceFieldName | InvoiceDetailName;

/**
 * REJECT when the document contradicts itself by values that were read with certainty, REVIEW when
 * anything is missing, unclear, doubtful or failed, else PASS.
 */
export function judge(
  invoice: CheckedInvoice,
  findings: readonly Finding[],
): Pick<Invoice, 'verdict' | 'reasons'> {
  const failures = findings.filter(({ check }) => check.status === 'failed');
  const reasons = [
    ...failures.map(({ check }) => check.id),
    ...missingFields(invoice).map((name) => `missing:${name}`),
    ...(invoice.items.length === 0 && KIND_RULES[invoice.kind].needsItems ? ['missing:items'] : []),
    ...unclearFields(invoice).map((name) => `unclear:${name}`),
    ...doubtfulFields(invoice, findings).map((name) => `low-confidence:${name}`),
  ];
  const rejected = failures.some(({ grave, confidence }) => grave && confidence >= CERTAIN);
  return { verdict: rejected ? 'REJECT' : reasons.length > 0 ? 'REVIEW' : 'PASS', reasons };
}

function missingFields(invoice: CheckedInvoice): FieldName[] {
  const { fields, kind, items } = invoice;
  const required = KIND_RULES[kind].required.filter((name) => {
    switch (name) {
      case 'taxAmount':
        return !isUntaxed(items);
      case 'buyerTaxId':
        return isSpecial(kind) || !isPrivatePerson(fields.buyerName?.normalized ?? null);
      default:
        return true;
    }
  });
  return required.filter((name) => valueNamed(invoice, name) === null);
}

const AMOUNTS_AND_DATES: readonly FieldName[] = [
  'date',
  'netAmount',
  'taxAmount',
  'total',
  'dueDate',
  'discount',
  'shipping',
  'gratuity',
  'amountPaid',
  'amountDue',
];

/** 1,234 without a second amount to tell what the comma means, or 03/04/2025. */
function unclearFields(invoice: CheckedInvoice): FieldName[] {
  if (!isCommercial(invoice.kind)) return [];
  return AMOUNTS_AND_DATES.filter((name) => valueNamed(invoice, name)?.normalized === null);
}

function doubtfulFields(invoice: CheckedInvoice, findings: readonly Finding[]): FieldName[] {
  const names = [...INVOICE_FIELDS, ...INVOICE_DETAILS[invoice.kind]];
  const bornOut = findings.some(
    ({ check }) => check.status === 'passed' && BEARS_OUT_TOTAL.includes(check.id),
  );
  return names.filter((name) => {
    const field = valueNamed(invoice, name);
    // @NOTE the stars of an untaxed invoice are tiny and hold no figure to doubt
    if (field === null || isNoAmount(field.value)) return false;
    return field.confidence < (name === 'total' && !bornOut ? CERTAIN_ALONE : DOUBTFUL);
  });
}

function valueNamed({ fields, details }: CheckedInvoice, name: FieldName): DocumentField | null {
  return (
    (fields as Partial<Record<FieldName, DocumentField | null>>)[name] ??
    details[name as InvoiceDetailName] ??
    null
  );
}

/** Private buyers have no tax id: 个人, or a name too short for an organisation. */
function isPrivatePerson(name: string | null): boolean {
  return name !== null && (/^个人/.test(name) || (name.length <= 4 && !/[司厂店社部院校]$/.test(name)));
}
