import { expect, it } from 'vitest';
import { currencyCode, mayMean } from './currency.js';

it('takes no sign that several currencies share for one of them', () => {
  expect(['$', '¥'].map(currencyCode)).toEqual([null, null]);
  expect(['€', '£', 'US$', 'HK$', 'USD', 'RMB'].map(currencyCode)).toEqual([
    'EUR',
    'GBP',
    'USD',
    'HKD',
    'USD',
    'CNY',
  ]);
});

it('knows which signs fit a code', () => {
  expect([mayMean('$', 'CAD'), mayMean('$', 'EUR'), mayMean('€', 'EUR'), mayMean('€', 'USD')]).toEqual([
    true,
    false,
    true,
    false,
  ]);
});
