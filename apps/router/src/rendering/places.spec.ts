import type { Quadrilateral } from '@trivium/contracts/content';
import { describe, expect, it } from 'vitest';
import { field, invoice } from './invoice.fixture.js';
import { phrasesFor } from './phrases.js';
import { asksForPlaces, placesOf, renderPlaces } from './places.js';

const at = (x: number, y: number): Quadrilateral => [
  [x, y],
  [x + 50, y],
  [x + 50, y + 10],
  [x, y + 10],
];
const zh = phrasesFor('zh');

describe('asksForPlaces', () => {
  it.each([
    ['把总金额标出来', true],
    ['发票号码在图上哪里？', true],
    ['税号在什么位置', true],
    ['圈出购买方', true],
    ['show me where the total is', true],
    ['Where is the number on the invoice?', true],
    ['highlight the seller', true],
    ['总金额是多少', false],
    ['Where do you come from?', false],
    ['what is the total', false],
    ['销售方是谁', false],
  ])('%s', (question, expected) => {
    expect(asksForPlaces(question)).toBe(expected);
  });
});

describe('placesOf', () => {
  const read = invoice({
    fields: {
      total: field('1130.00', { quadrilateral: at(10, 90) }),
      number: field('12345678', { quadrilateral: at(10, 10) }),
      sellerName: field('北京样本商贸有限公司', { quadrilateral: at(5, 5), page: 2 }),
    },
  });

  it('finds what is asked for, in the order of the question', () => {
    const places = placesOf(read, '标出发票号码和价税合计', zh);

    expect(places.map(({ label, value }) => [label, value])).toEqual([
      ['发票号码', '12345678'],
      ['价税合计（小写）', '1130.00'],
    ]);
    expect(renderPlaces(places, zh)).toBe('1. 发票号码：12345678\n2. 价税合计（小写）：1130.00');
  });

  it('takes every field where none is named, of the first page that has any', () => {
    expect(placesOf(read, '都标出来', zh).map(({ label }) => label)).toEqual([
      '发票号码',
      '价税合计（小写）',
    ]);
    expect(placesOf(read, '标出销售方', zh)).toMatchObject([{ page: 2 }]);
  });

  it('draws one box around the cells of a row', () => {
    const [item] = read.items;
    if (item === undefined) throw new Error('the fixture has a row');
    const withCells = invoice({
      items: [
        {
          ...item,
          name: field('打印纸', { quadrilateral: at(10, 40) }),
          amount: field('1000.00', { quadrilateral: at(200, 42) }),
        },
      ],
    });

    expect(placesOf(withCells, '标出明细', zh)).toEqual([
      {
        label: '明细 1',
        value: '打印纸',
        page: 1,
        quadrilateral: [
          [10, 40],
          [250, 40],
          [250, 52],
          [10, 52],
        ],
      },
    ]);
  });

  it('says so when no place is known', () => {
    expect(placesOf(invoice(), '标出总额', zh)).toEqual([]);
    expect(renderPlaces([], zh)).toBe(zh.noPlaces);
  });
});
