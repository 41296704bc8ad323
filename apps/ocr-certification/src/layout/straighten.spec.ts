import type { Quadrilateral } from '@trivium/contracts/content';
import type { TextLine } from '@trivium/contracts/vision-inference';
import { describe, expect, it } from 'vitest';
import { type Point, widthOf } from './geometry.js';
import { rowsOf } from './row.js';
import { straighten } from './straighten.js';

/** Thirty rows of three cells, 30 pixels apart, each cell 120 wide and 20 high. */
const PAGE: TextLine[] = Array.from({ length: 90 }, (_, index) => {
  const left = 60 + (index % 3) * 380;
  const top = 50 + Math.floor(index / 3) * 30;
  return {
    text: `r${Math.floor(index / 3)}c${index % 3}`,
    confidence: 1,
    quadrilateral: box(left, top, left + 120, top + 20),
  };
});

function box(left: number, top: number, right: number, bottom: number): Quadrilateral {
  return [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ];
}

function photographed(place: (point: Point) => [number, number]): TextLine[] {
  return PAGE.map((line) => ({
    ...line,
    quadrilateral: line.quadrilateral.map(place) as unknown as Quadrilateral,
  }));
}

const turned =
  (degrees: number) =>
  ([x, y]: Point): [number, number] => {
    const angle = (degrees * Math.PI) / 180;
    return [x * Math.cos(angle) - y * Math.sin(angle), x * Math.sin(angle) + y * Math.cos(angle)];
  };

/** A camera that looks from one corner: far parts of the page come out smaller. */
const inPerspective = ([x, y]: Point): [number, number] => {
  const depth = 1 + 0.00008 * x + 0.0003 * y;
  return [x / depth, y / depth];
};

const readRows = (lines: readonly TextLine[]): string[] => rowsOf(straighten(lines)).map(({ text }) => text);
const STRAIGHT = Array.from({ length: 30 }, (_, row) => `r${row}c0 r${row}c1 r${row}c2`);

describe('straighten', () => {
  it.each([0, 2, -7, 30, 90, 180, -90])('finds the rows of a page turned by %i degrees', (degrees) => {
    expect(readRows(photographed(turned(degrees)))).toEqual(STRAIGHT);
  });

  it.each([3, -6])('finds the rows of a page seen in perspective and turned by %i degrees', (degrees) => {
    const lines = photographed((point) => turned(degrees)(inPerspective(point)));

    expect(readRows(lines)).toEqual(STRAIGHT);
  });

  it('finds the rows of a sheet that does not lie flat', () => {
    const bent = photographed(([x, y]) => [x, y + 0.00008 * (x - 500) ** 2]);

    expect(readRows(bent)).toEqual(STRAIGHT);
  });

  it('is not misled by a seal whose letters run around', () => {
    const seal: TextLine[] = Array.from({ length: 12 }, (_, index) => ({
      text: '章',
      confidence: 1,
      quadrilateral: box(0, 0, 16, 16).map((point) => {
        const [x, y] = turned(index * 30)(point);
        return [x + 700, y + 1200];
      }) as unknown as Quadrilateral,
    }));

    expect(readRows([...photographed(turned(4)), ...seal])).toEqual(expect.arrayContaining(STRAIGHT));
  });

  it('gives a lone figure its place even when its side was taken for its top', () => {
    const [first, ...rest] = PAGE;
    const sideways: TextLine = {
      text: '2',
      confidence: 1,
      quadrilateral: [
        [180, 50],
        [180, 70],
        [166, 70],
        [166, 50],
      ],
    };

    const spans = straighten([first as TextLine, sideways, ...rest]);

    expect(widthOf(spans[1]?.box ?? { left: 0, right: 0, top: 0, bottom: 0 })).toBeCloseTo(14, 0);
  });

  it('leaves a page of a few lines as it is', () => {
    const [span] = straighten([{ text: '合计', confidence: 1, quadrilateral: box(10, 20, 60, 40) }]);

    expect(span?.box).toEqual({ left: 10, right: 60, top: 20, bottom: 40 });
    expect(straighten([])).toEqual([]);
  });
});
