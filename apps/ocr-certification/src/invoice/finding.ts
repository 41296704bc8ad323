import type {
  DocumentCheck,
  DocumentField,
  InvoiceDetails,
  InvoiceFields,
  InvoiceItem,
  InvoiceKind,
} from '@trivium/contracts/invoice';

/** What the rules look at. */
export interface CheckedInvoice {
  readonly kind: InvoiceKind;
  readonly fields: InvoiceFields;
  readonly details: InvoiceDetails;
  readonly items: readonly InvoiceItem[];
  /** Further prints of the same value on the page that read otherwise. */
  readonly contradictions: readonly ('code' | 'number' | 'currency')[];
  /** The page says that prices hold the tax, so that it need not be added to them. */
  readonly taxIncluded?: boolean;
  /** Amounts stand between subtotal and total whose meaning is not known. */
  readonly unexplainedAmounts?: boolean;
}

/** The outcome of a rule, with what the verdict needs to know about it. */
export interface Finding {
  readonly check: DocumentCheck;
  /** Of the least certain value that the rule rests on. */
  readonly confidence: number;
  /** The document contradicts itself; otherwise a failure is as likely a reading error. */
  readonly grave: boolean;
}

type CheckId = DocumentCheck['id'];

export function passed(id: CheckId, message: string, confidence = 1): Finding {
  return { check: { id, status: 'passed', message }, confidence, grave: false };
}

export function notApplicable(id: CheckId, message: string): Finding {
  return { check: { id, status: 'not-applicable', message }, confidence: 1, grave: false };
}

export function failed(
  id: CheckId,
  message: string,
  facts: {
    readonly expected?: string;
    readonly actual?: string;
    readonly confidence: number;
    readonly grave: boolean;
  },
): Finding {
  const { expected, actual, confidence, grave } = facts;
  const check: DocumentCheck = { id, status: 'failed', message };
  if (expected !== undefined) check.expected = expected;
  if (actual !== undefined) check.actual = actual;
  return { check, confidence, grave };
}

export function leastCertain(fields: readonly (DocumentField | null)[]): number {
  return Math.min(1, ...fields.map((field) => field?.confidence ?? 1));
}
