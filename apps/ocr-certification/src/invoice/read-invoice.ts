import {
  type DocumentField,
  INVOICE_DETAILS,
  INVOICE_FIELDS,
  type Invoice,
  type InvoiceDetails,
  type InvoiceDetailName,
  type InvoiceFields,
  type InvoiceItem,
  type InvoiceKind,
} from '@trivium/contracts/invoice';
import type { CheckedInvoice } from './finding.js';

/** What was read from a page, before it is checked. */
export interface ReadInvoice extends Omit<CheckedInvoice, 'kind' | 'details'> {
  readonly documentType: Invoice['documentType'];
  readonly details: InvoiceDetails;
}

/** Every common field and every detail of the kind, null for what was not read. */
export function completeInvoice(
  documentType: Invoice['documentType'],
  found: {
    readonly fields: Partial<InvoiceFields>;
    readonly details?: Partial<Record<InvoiceDetailName, DocumentField | null>>;
    readonly items?: readonly InvoiceItem[];
    readonly contradictions?: ReadInvoice['contradictions'];
    readonly taxIncluded?: boolean;
    readonly unexplainedAmounts?: boolean;
  },
): ReadInvoice {
  const { fields, details = {}, items = [], contradictions = [], ...rest } = found;
  return {
    ...rest,
    documentType,
    fields: Object.fromEntries(INVOICE_FIELDS.map((name) => [name, fields[name] ?? null])) as InvoiceFields,
    details: detailsOf(documentType.kind, details),
    items,
    contradictions,
  };
}

function detailsOf(
  kind: InvoiceKind,
  details: Partial<Record<InvoiceDetailName, DocumentField | null>>,
): InvoiceDetails {
  const names: readonly InvoiceDetailName[] = INVOICE_DETAILS[kind];
  return Object.fromEntries(names.map((name) => [name, details[name] ?? null]));
}
