import {
  type DocumentField,
  type Invoice,
  INVOICE_FIELDS,
  type InvoiceKind,
} from '@trivium/contracts/invoice';
import { describe, expect, it } from 'vitest';
import { duplicateKey } from './duplicate-keys.js';

function invoice(kind: InvoiceKind, values: Partial<Record<keyof Invoice['fields'], string>>): Invoice {
  const field = (normalized: string): DocumentField => ({
    value: normalized,
    normalized,
    confidence: 1,
    quadrilateral: null,
    page: 1,
    source: 'ocr',
  });
  const fields = Object.fromEntries(
    INVOICE_FIELDS.map((name) => [name, values[name] === undefined ? null : field(values[name])]),
  ) as Invoice['fields'];
  return {
    documentType: { kind, value: '', confidence: 1 },
    fields,
    details: {},
    items: [],
    checks: [],
    verdict: 'PASS',
    reasons: [],
  };
}

describe('duplicateKey', () => {
  it('takes code and number, whatever else was read', () => {
    const paper = { code: '031002200311', number: '13515985' };

    expect(duplicateKey(invoice('vat-general', { ...paper, total: '1.00' }))).toBe(
      duplicateKey(invoice('vat-general', paper)),
    );
    expect(duplicateKey(invoice('taxi', { ...paper, number: '13515986' }))).not.toBe(
      duplicateKey(invoice('taxi', paper)),
    );
  });

  it('takes number, date and total of a digital invoice', () => {
    const digital = { number: '24312000000012345678', date: '2024-05-01', total: '10.00' };

    expect(duplicateKey(invoice('digital-general', digital))).not.toBe(
      duplicateKey(invoice('digital-general', { ...digital, total: '20.00' })),
    );
  });

  it('is null where too little was read', () => {
    expect(duplicateKey(invoice('vat-general', { number: '13515985' }))).toBeNull();
    expect(
      duplicateKey(invoice('commercial', { number: '1', date: '2025-01-01', total: '1.00' })),
    ).toBeNull();
  });

  it('does not let one value run into the next', () => {
    const paper = (sellerName: string, number: string): Invoice =>
      invoice('receipt', { sellerName, number, date: '2025-01-01', total: '1.00' });

    expect(duplicateKey(paper('Acme 1', '2'))).not.toBe(duplicateKey(paper('Acme', '12')));
    expect(duplicateKey(paper('ACME Ltd.', '2'))).toBe(duplicateKey(paper('Acme Ltd', '2')));
  });
});
