import { describe, expect, it } from 'vitest';
import { decimalMarkOf, parseMoney } from './money.js';

describe('parseMoney', () => {
  it.each([
    ['1,234.56', null, '1234.56'],
    ['1.234,56', null, '1234.56'],
    ['$1,234.56', null, '1234.56'],
    ['1.234,56 €', null, '1234.56'],
    ['USD 12.50', null, '12.5'],
    ['(38.36)', null, '-38.36'],
    ['-$38.36', '.', '-38.36'],
    ['12,50', null, '12.5'],
    ["1'234.50", '.', '1234.5'],
    ['1,234', '.', '1234'],
    ['1,234', ',', '1.234'],
    ['40', null, '40'],
  ] as const)('reads %s on a page with mark %s', (text, mark, value) => {
    expect(parseMoney(text, mark)?.toFixed()).toBe(value);
  });

  it.each([
    ['1,234', null], // a thousand, or one and a bit
    ['2.159.92', ','], // a comma read as a point
    ['12.50', ','],
    ['1,23,456.00', '.'],
    ['S33.06', '.'], // perhaps a 5
    ['', null],
  ] as const)('refuses %s on a page with mark %s', (text, mark) => {
    expect(parseMoney(text, mark)).toBeNull();
  });
});

describe('decimalMarkOf', () => {
  it('takes what the amounts agree on', () => {
    expect(decimalMarkOf(['1,234', '12.50'])).toBe('.');
    expect(decimalMarkOf(['3.228,14', '12,50'])).toBe(',');
  });

  it('takes none where they contradict each other or do not tell', () => {
    expect(decimalMarkOf(['12.50', '12,50'])).toBeNull();
    expect(decimalMarkOf(['1,234'])).toBeNull();
  });
});
