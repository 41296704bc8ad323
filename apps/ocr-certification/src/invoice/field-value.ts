import type { DocumentField } from '@trivium/contracts/invoice';
import { Decimal } from 'decimal.js';
import { isNoAmount } from '../value/amount.js';

/** One amount against another. */
export const HEADER_TOLERANCE = new Decimal('0.01');
/** Sums over lines that were each rounded. */
export const LINES_TOLERANCE = new Decimal('0.06');

/** `***` stands for nothing due. */
export function valueOf(field: DocumentField | null | undefined): Decimal | null {
  if (field == null) return null;
  if (field.normalized !== null) return new Decimal(field.normalized);
  return isNoAmount(field.value) ? new Decimal(0) : null;
}

export const differs = (a: Decimal, b: Decimal, tolerance: Decimal): boolean =>
  a.minus(b).abs().greaterThan(tolerance);
