import { describe, expect, it } from 'vitest';
import { closerViews, isWhole } from './views.js';

describe('closerViews', () => {
  it('cover a square picture in four that overlap', () => {
    expect(closerViews({ width: 1000, height: 1000 })).toEqual([
      { left: 0, top: 0, size: expect.closeTo(550) as number },
      { left: expect.closeTo(450) as number, top: 0, size: expect.closeTo(550) as number },
      { left: 0, top: expect.closeTo(450) as number, size: expect.closeTo(550) as number },
      {
        left: expect.closeTo(450) as number,
        top: expect.closeTo(450) as number,
        size: expect.closeTo(550) as number,
      },
    ]);
  });

  it('cover a long one in two', () => {
    expect(closerViews({ width: 1000, height: 300 }).map(({ top }) => top)).toEqual([0, 0]);
  });
});

describe('isWhole', () => {
  const picture = { width: 1000, height: 1000 };
  const view = { left: 450, top: 0, size: 550 };

  it.each([
    ['inside of the view', { left: 500, top: 100, right: 600, bottom: 200 }, true],
    ['at the border of the picture', { left: 900, top: 0, right: 1000, bottom: 100 }, true],
    ['cut off on the left', { left: 450, top: 100, right: 500, bottom: 200 }, false],
    ['cut off below', { left: 600, top: 500, right: 700, bottom: 549 }, false],
  ])('of a box %s', (_, box, whole) => {
    expect(isWhole(box, view, picture)).toBe(whole);
  });
});
