import { describe, expect, it } from 'vitest';
import { contains, distanceWithin, scorePage } from './score.js';

describe('contains', () => {
  it('finds a value that is broken onto a second line', () => {
    expect(
      contains(['*会展服务*展台搭建及现场技术支持', '服务费'], '*会展服务*展台搭建及现场技术支持服务费'),
    ).toBe(true);
  });

  it('does not put a short value together from parts', () => {
    expect(contains(['1234', '56'], '123456')).toBe(false);
  });
});

describe('distanceWithin', () => {
  it('charges nothing for what stands around the value', () => {
    expect(distanceWithin('合计:123.45元', '123.45')).toBe(0);
  });

  it('counts a wrong sign and a missing one', () => {
    expect(distanceWithin('X12O.4', '120.45')).toBe(2);
  });
});

describe('scorePage', () => {
  it('counts whole values and the edits of the others', () => {
    const score = scorePage(['￥ 123.45', '91510107MA9L590HHO'], ['123.45', '91510107MA9L590HH0']);

    expect(score).toEqual({ values: 2, found: 1, characters: 24, edits: 1 });
  });

  it('charges a value that is nowhere with its length', () => {
    expect(scorePage([], ['123.45']).edits).toBe(6);
  });
});
