import { describe, expect, it } from 'vitest';
import { parseRate, rateFactor } from './rate.js';

describe('parseRate', () => {
  it.each([
    ['13%', '13%'],
    ['13％', '13%'],
    ['1.5%', '1.5%'],
    ['1 %', '1%'],
    ['0%', '0%'],
    ['6%6', '6%'],
    ['免税', '免税'],
    ['不征税', '不征税'],
    ['***', '***'],
    ['★', '***'],
  ])('reads %s as %s', (text, rate) => {
    expect(parseRate(text)).toBe(rate);
  });

  it.each([
    ['696', '6%'],
    ['90%', '9%'],
    ['139', '13%'],
  ])('sees the percent sign in %s', (text, rate) => {
    expect(parseRate(text)).toBe(rate);
  });

  it.each(['', '14%', '19', '12', '税率', '106.00'])('refuses %j', (text) => {
    expect(parseRate(text)).toBeNull();
  });
});

it('rateFactor is exact', () => {
  expect(rateFactor('13%').toFixed()).toBe('0.13');
  expect(rateFactor('免税').toFixed()).toBe('0');
});
