import type { DocumentField, InvoiceFields, InvoiceItem } from '@trivium/contracts/invoice';

type Source = DocumentField['source'];

/** Fields and items as read from text of the given source. */
export function readFrom<Values extends InvoiceFields | InvoiceItem>(source: Source, values: Values): Values {
  const entries = Object.entries(values).map(([name, field]: [string, DocumentField | null]) => [
    name,
    field === null ? null : { ...field, source },
  ]);
  return Object.fromEntries(entries) as Values;
}
