import type { Quadrilateral } from '@trivium/contracts/content';
import { describe, expect, it } from 'vitest';
import { linesOf, type TextPiece } from './text-lines.js';

const box = (left: number, top: number, right: number, bottom: number): Quadrilateral => [
  [left, top],
  [right, top],
  [right, bottom],
  [left, bottom],
];
/** Twenty pixels high; ten wide for each Latin character, twenty for each Chinese one. */
function piece(text: string, left: number, top: number): TextPiece {
  const width = Array.from(text).reduce((sum, character) => sum + (character < '\u2e80' ? 10 : 20), 0);
  return { text, quadrilateral: box(left, top, left + width, top + 20) };
}
const textsOf = (pieces: readonly TextPiece[]): string[] => linesOf(pieces).map(({ text }) => text);

describe('linesOf', () => {
  it('joins characters placed one by one to the line they make', () => {
    const pieces = Array.from('发票号码', (character, index) => piece(character, 100 + index * 20, 50));

    expect(linesOf(pieces)).toEqual([
      { text: '发票号码', confidence: 1, quadrilateral: box(100, 50, 180, 70) },
    ]);
  });

  it('puts a blank where words stand apart, and keeps columns apart', () => {
    expect(
      textsOf([piece('Net', 0, 0), piece('amount', 38, 0), piece('12.00', 120, 0), piece('13%', 300, 0)]),
    ).toEqual(['Net amount', '12.00', '13%']);
  });

  it('reads rows from top to bottom whatever order the file wrote them in', () => {
    expect(textsOf([piece('third', 0, 80), piece('second', 200, 3), piece('first', 0, 0)])).toEqual([
      'first',
      'second',
      'third',
    ]);
  });

  it('cuts a piece that pads its columns with blanks', () => {
    const [label, value] = linesOf([piece('Total    12.00', 0, 0)]);

    expect([label?.text, value?.text]).toEqual(['Total', '12.00']);
    expect(value?.quadrilateral).toEqual(box(90, 0, 140, 20));
  });

  it('leaves out what is printed twice to make it bold, and what is blank', () => {
    expect(textsOf([piece('合计', 10, 0), piece('合计', 11, 0), piece('  ', 60, 0)])).toEqual(['合计']);
  });

  it('keeps text of another direction apart from a line it crosses', () => {
    const upright: Quadrilateral = [
      [50, 60],
      [50, -40],
      [70, -40],
      [70, 60],
    ];

    expect(textsOf([piece('level', 0, 0), { text: 'upright', quadrilateral: upright }]).toSorted()).toEqual([
      'level',
      'upright',
    ]);
  });

  it('keeps large print and small print on one level apart', () => {
    const title = { text: '发票', quadrilateral: box(0, 0, 80, 40) };

    expect(textsOf([title, piece('No.', 82, 10)])).toEqual(['发票', 'No.']);
  });
});
