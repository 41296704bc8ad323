import type { DocumentField, InvoiceDetails, InvoiceFields, InvoiceItem } from '@trivium/contracts/invoice';

type Source = DocumentField['source'];

/** Fields, details and items as read from text of the given source. */
export function readFrom<Values extends InvoiceFields | InvoiceDetails | InvoiceItem>(
  source: Source,
  values: Values,
): Values {
  const entries = Object.entries(values).map(([name, field]: [string, DocumentField | null | undefined]) => [
    name,
    field == null ? null : { ...field, source },
  ]);
  return Object.fromEntries(entries) as Values;
}
