import type { Quadrilateral } from '@trivium/contracts/content';
import { describe, expect, it } from 'vitest';
import { inReadingOrder } from './reading-order.js';

interface Line {
  readonly text: string;
  readonly quadrilateral: Quadrilateral;
}

const line = (text: string, x: number, y: number, width = 100, height = 20): Line => ({
  text,
  quadrilateral: [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
  ],
});

/** The same page, turned about its origin. */
function turned(lines: readonly Line[], degrees: number): Line[] {
  const angle = (degrees * Math.PI) / 180;
  const turn = ([x, y]: [number, number]): [number, number] => [
    x * Math.cos(angle) - y * Math.sin(angle),
    x * Math.sin(angle) + y * Math.cos(angle),
  ];
  return lines.map(({ text, quadrilateral: [a, b, c, d] }) => ({
    text,
    quadrilateral: [turn(a), turn(b), turn(c), turn(d)],
  }));
}

const read = (lines: readonly Line[]): string =>
  inReadingOrder(lines)
    .map(({ text }) => text)
    .join('');

const PAGE = [
  line('d', 300, 64),
  line('a', 10, 10),
  line('c', 12, 60),
  line('b', 300, 14),
  line('e', 10, 110),
];

describe('inReadingOrder', () => {
  it('goes row by row, left to right, though a row is not level', () => {
    expect(read(PAGE)).toBe('abcde');
  });

  it.each([-8, 5, 90, 180, 270])('holds the page as its reader would: turned by %d degrees', (degrees) => {
    expect(read(turned(PAGE, degrees))).toBe('abcde');
  });

  it('does not let a tall line draw the rows beside it together', () => {
    expect(read([line('seal', 0, 0, 60, 60), line('b', 100, 40), line('a', 100, 5)])).toBe('aseal' + 'b');
  });

  it('orders nothing', () => {
    expect(inReadingOrder([])).toEqual([]);
  });
});
