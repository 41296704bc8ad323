import { expect, it } from 'vitest';
import { facts, table } from './table.js';

it('aligns columns, whatever colours they have', () => {
  expect(
    table(
      ['ID', 'STATE', 'N'],
      [
        ['a', '\u001b[32mREADY\u001b[39m', '1'],
        ['longer', 'X', '22'],
      ],
    ),
  ).toEqual(['ID      STATE  N', 'a       \u001b[32mREADY\u001b[39m  1', 'longer  X      22']);
});

it('shows nothing of nothing', () => {
  expect(table(['ID'], [])).toEqual([]);
});

it('leaves out what is not known', () => {
  expect(
    facts([
      ['task', 'embed'],
      ['homepage', undefined],
      ['licence', 'MIT'],
    ]),
  ).toEqual(['task     embed', 'licence  MIT']);
});
