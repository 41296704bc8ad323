import { describe, expect, it } from 'vitest';
import { composeInvoice, type InvoiceWishes } from './compose-invoice.js';
import type { InvoiceSpecification } from './specification.js';
import { FAILED_CHECKS, type Fault, spoilInvoice } from './spoil-invoice.js';

const WISHES: readonly InvoiceWishes[] = [
  { layout: 'vat-electronic', rows: 3 },
  { layout: 'vat-special', rows: 6, derivedPrices: true },
  { layout: 'digital', rows: 4, discount: true },
  { layout: 'vat-electronic', rows: 2, exempt: true },
];

const fen = (amount: string): number => (amount === '***' ? 0 : Math.round(Number(amount) * 100));
const sum = (amounts: readonly string[]): number => amounts.reduce((total, amount) => total + fen(amount), 0);

function isConsistent({ items, netAmount, taxAmount, total }: InvoiceSpecification): boolean {
  const products = items.every(
    ({ quantity, unitPrice, amount }) =>
      quantity === '' || Math.abs(Number(quantity) * Number(unitPrice) * 100 - fen(amount)) <= 1,
  );
  return (
    products &&
    sum(items.map(({ amount }) => amount)) === fen(netAmount) &&
    sum(items.map(({ taxAmount: tax }) => tax)) === fen(taxAmount) &&
    fen(netAmount) + fen(taxAmount) === fen(total)
  );
}

describe('composeInvoice', () => {
  it('adds up on every seed', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      for (const wishes of WISHES)
        expect(isConsistent(composeInvoice(seed, wishes)), `seed ${seed}`).toBe(true);
    }
  });

  it('composes the same invoice from the same seed, and another from another', () => {
    const wishes: InvoiceWishes = { layout: 'digital', rows: 2 };

    expect(composeInvoice(7, wishes)).toEqual(composeInvoice(7, wishes));
    expect(composeInvoice(7, wishes)).not.toEqual(composeInvoice(8, wishes));
  });

  it('has a number, a code and a check code where the layout has them', () => {
    expect(composeInvoice(1, { layout: 'digital', rows: 1 })).toMatchObject({
      code: null,
      checkCode: null,
      number: expect.stringMatching(/^\d{20}$/) as string,
    });
    expect(composeInvoice(1, { layout: 'vat-special', rows: 1 })).toMatchObject({
      code: expect.stringMatching(/^\d{10}$/) as string,
      checkCode: null,
    });
    expect(composeInvoice(1, { layout: 'vat-electronic', rows: 1 })).toMatchObject({
      code: expect.stringMatching(/^\d{12}$/) as string,
      number: expect.stringMatching(/^\d{8}$/) as string,
      checkCode: expect.stringMatching(/^\d{20}$/) as string,
    });
  });
});

describe('spoilInvoice', () => {
  it.each(Object.keys(FAILED_CHECKS) as Fault[])('makes %s show', (fault) => {
    const honest = composeInvoice(3, { layout: 'vat-electronic', rows: 2 });

    const spoiled = spoilInvoice(honest, fault);

    expect(spoiled).not.toEqual(honest);
    const arithmetic = fault !== 'bad-tax-id' && fault !== 'wrong-words';
    expect(isConsistent(spoiled)).toBe(!arithmetic);
  });
});
