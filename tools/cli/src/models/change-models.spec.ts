import { expect, it } from 'vitest';
import { readTraffic } from './change-models.js';
import { flat } from './flat.js';

it('reads shares of the traffic', () => {
  expect(readTraffic(['1=90', '2=9.5%'])).toEqual([
    { version: '1', percent: 90 },
    { version: '2', percent: 9.5 },
  ]);
});

it.each(['2', '=10', 'stable=10', '2=many'])('knows no share %s', (share) => {
  expect(() => readTraffic([share])).toThrow('2=10');
});

it('lays nested facts out in lines', () => {
  expect(flat({ size: 22, agreement: { cosine: 0.99981234 }, shapes: [1, 2] })).toEqual([
    ['size', '22'],
    ['agreement.cosine', '0.999812'],
    ['shapes', '[1,2]'],
  ]);
});
