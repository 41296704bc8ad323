import type { Invoice } from '@trivium/contracts/invoice';
import { isDigital } from './kind-rules.js';

/**
 * What two readings of one document have in common, as text to be compared within a tenant; null where too
 * little was read to tell. Code and number name a form for good; the number of 20 digits is taken with date
 * and total, as the tax bureau does; a paper in English is its vendor's number, date and total.
 */
export function duplicateKey({ documentType: { kind }, fields }: Invoice): string | null {
  const value = (field: keyof Invoice['fields']): string | null => fields[field]?.normalized ?? null;
  const [code, number, date, total] = [value('code'), value('number'), value('date'), value('total')];
  switch (kind) {
    case 'commercial':
    case 'receipt':
      return keyOf(
        kind,
        value('sellerName')
          ?.toLowerCase()
          .replace(/[^a-z0-9]/g, '') ?? null,
        number,
        date,
        total,
      );
    case 'train':
      return keyOf(kind, number, total);
    default:
      return isDigital(kind) ? keyOf('digital', number, date, total) : keyOf('coded', code, number);
  }
}

/** Parts are written as JSON, so that no value can be taken for two. */
const keyOf = (...parts: readonly (string | null)[]): string | null =>
  parts.includes(null) ? null : JSON.stringify(parts);
