import { expect, it } from 'vitest';
import { Row } from '../layout/row.js';
import { zoneLines } from './zone-lines.js';

/** One span a row, one below the other. */
const rows = (...texts: string[]): Row[] =>
  texts.map((text, index) => {
    const [top, bottom] = [index * 40, index * 40 + 30];
    const box = { left: 0, right: 1000, top, bottom };
    return new Row([
      {
        text,
        confidence: 1,
        quadrilateral: [
          [0, top],
          [1000, top],
          [1000, bottom],
          [0, bottom],
        ],
        box,
      },
    ]);
  });

it('mends what position allows to be read in one way only', () => {
  const { first, second } = zoneLines(
    rows('P<UTOSHEN<<MINGYUAN<<<<<<<<<<<<<<<<<<<<K<', 'GB41992981UT07007O20F3312278<<<<<<<<<<<<<<6'),
  );

  expect(first?.text).toBe('P<UTOSHEN<<MINGYUAN'.padEnd(44, '<'));
  expect(second?.text).toBe('GB41992981UTO7007020F3312278<<<<<<<<<<<<<<<6');
});

it('finds nothing in other text', () => {
  expect(zoneLines(rows('MINISTRY OF EXAMPLES', 'http://www.example/aaaaaaaaaaaaaaaaaaaaaaaaa'))).toEqual({
    first: null,
    second: null,
  });
});
