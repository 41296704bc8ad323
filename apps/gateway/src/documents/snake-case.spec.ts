import { expect, it } from 'vitest';
import { snakeCase } from './snake-case.js';

it('renames keys at every depth and leaves values alone', () => {
  expect(snakeCase({ buyerTaxId: { value: 'camelCase' }, items: [{ unitPrice: null }], total: 1 })).toEqual({
    buyer_tax_id: { value: 'camelCase' },
    items: [{ unit_price: null }],
    total: 1,
  });
});
