import type { TextLine } from '@trivium/contracts/vision-inference';
import { describe, expect, it } from 'vitest';
import { blocksOf } from './blocks.js';
import { markdownOf } from './blocks-markdown.js';

/** Twenty pixels high unless told; ten wide for each character. */
function line(text: string, left: number, top: number, height = 20): TextLine {
  const right = left + text.length * 10;
  return {
    text,
    confidence: 1,
    quadrilateral: [
      [left, top],
      [right, top],
      [right, top + height],
      [left, top + height],
    ],
  };
}

const shapes = (lines: readonly TextLine[]) => blocksOf(lines).map(({ type, rows }) => [type, rows]);

describe('blocksOf', () => {
  it('tells title, pairs, table and paragraph apart', () => {
    const lines = [
      line('Delivery note', 200, 0, 40),
      line('Number: 1234', 10, 80),
      line('Date:', 10, 110),
      line('2026-11-27', 200, 110),
      line('Name', 10, 200),
      line('Quantity', 200, 200),
      line('Price', 400, 200),
      line('Bolts', 10, 230),
      line('12', 220, 230),
      line('3.50', 400, 230),
      line('of steel', 10, 260),
      line('Nuts', 10, 290),
      line('7', 225, 290),
      line('1.20', 400, 290),
      line('Goods stay ours until they', 10, 400),
      line('have been paid for.', 10, 425),
    ];

    expect(shapes(lines)).toEqual([
      ['title', [['Delivery note']]],
      [
        'key-value',
        [
          ['Number', '1234'],
          ['Date', '2026-11-27'],
        ],
      ],
      [
        'table',
        [
          ['Name', 'Quantity', 'Price'],
          ['Bolts of steel', '12', '3.50'],
          ['Nuts', '7', '1.20'],
        ],
      ],
      ['paragraph', [['Goods stay ours until they have been paid for.']]],
    ]);
  });

  it('reads the left column before the right one', () => {
    const lines = [0, 1, 2, 3].flatMap((row) => [
      line(`left column row ${row}`, 0, row * 25),
      line(`right column row ${row}`, 400, row * 25),
    ]);

    const blocks = blocksOf(lines);

    expect(blocks.map((block) => block.lines)).toEqual([
      [0, 2, 4, 6],
      [1, 3, 5, 7],
    ]);
  });

  it('joins Chinese without a blank, and begins a paragraph after a gap', () => {
    expect(shapes([line('本证书由', 0, 0), line('机关颁发', 0, 25), line('有效', 0, 100)])).toEqual([
      ['paragraph', [['本证书由机关颁发']]],
      ['paragraph', [['有效']]],
    ]);
  });

  it('names every line exactly once and surrounds each block', () => {
    const lines = [line('a: b', 0, 0), line('c', 300, 0), line('d', 600, 0), line('e', 0, 60)];

    const blocks = blocksOf(lines);

    expect(blocks.flatMap((block) => block.lines).toSorted()).toEqual([0, 1, 2, 3]);
    expect(blocksOf([])).toEqual([]);
  });
});

describe('markdownOf', () => {
  it('writes each kind, and nothing on the page becomes markup', () => {
    const blocks = [
      { type: 'title' as const, rows: [['Delivery [note](https://example.com)']] },
      { type: 'key-value' as const, rows: [['Number', '*1234*']] },
      {
        type: 'table' as const,
        rows: [
          ['Name', 'Price'],
          ['a|b', '3.50'],
        ],
      },
      { type: 'paragraph' as const, rows: [['# no heading <script>']] },
    ];

    expect(markdownOf(blocks)).toBe(
      [
        '# Delivery \\[note\\](https:\\//example.com)',
        '',
        '- **Number**: \\*1234\\*',
        '',
        '| Name | Price |',
        '| --- | --- |',
        '| a\\|b | 3.50 |',
        '',
        '\\# no heading \\<script\\>',
      ].join('\n'),
    );
  });
});
