import { describe, expect, it } from 'vitest';
import { isNoAmount, parseAmount } from './amount.js';

describe('parseAmount', () => {
  it.each([
    ['22932.84', '22932.84'],
    ['¥22932.84', '22932.84'],
    ['￥22,932.84', '22932.84'],
    ['Y 100.00', '100'],
    ['１２３．４５', '123.45'],
    ['-3351.01', '-3351.01'],
    ['¥-12.50', '-12.5'],
    ['-¥12.50', '-12.5'],
    ['35。20', '35.2'],
    ['25354 .71', '25354.71'],
    ['421.00884956', '421.00884956'],
    ['930.35.', '930.35'],
  ])('reads %s', (text, value) => {
    expect(parseAmount(text)?.toFixed()).toBe(value);
  });

  it.each(['', '***', '十元', '12.3.4', '1,23', '22,932,8', 'A12', '13%', '1O0.00'])('refuses %j', (text) => {
    expect(parseAmount(text)).toBeNull();
  });

  it('never repairs a digit: what was read wrong stays wrong', () => {
    expect(parseAmount('722932.84')?.toFixed()).toBe('722932.84');
    expect(parseAmount('2293284')?.toFixed()).toBe('2293284');
  });
});

describe('isNoAmount', () => {
  it.each(['***', '**', '＊＊＊', '★', '* * *'])('takes %s for the stars of an untaxed line', (text) => {
    expect(isNoAmount(text)).toBe(true);
  });

  it.each(['', '0.00', '*1', '*****'])('does not take %j', (text) => {
    expect(isNoAmount(text)).toBe(false);
  });
});
