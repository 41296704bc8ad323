import { describe, expect, it } from 'vitest';
import { findApproximately } from './find-approximately.js';

const found = (text: string, pattern: string, errors: number): string[] =>
  findApproximately(text, pattern, errors).map(({ start, end }) => text.slice(start, end));

describe('findApproximately', () => {
  it.each([
    ['发票代码:031', '发票代码', 0, '发票代码'],
    ['名    称:上海', '名称', 0, '名    称'],
    ['开期日期:2022', '开票日期', 1, '开期日期'],
    ['纳税人翔号:91', '纳税人识别号', 2, '纳税人翔号'],
    ['开票日1期:2022', '开票日期', 1, '开票日1期'],
  ])('finds in %s the pattern %s with %i errors', (text, pattern, errors, place) => {
    expect(found(text, pattern, errors)).toEqual([place]);
  });

  it('finds every place, the best of those that overlap', () => {
    expect(found('名称:甲 名称:乙', '名称', 0)).toEqual(['名称', '名称']);
    expect(findApproximately('合计合计', '合计', 0)).toHaveLength(2);
  });

  it('takes nothing from what stands before a damaged match', () => {
    expect(found('PPLR3 纯社会信用代码', '统一社会信用代码', 2)).toEqual(['社会信用代码']);
  });

  it('finds nothing when too much is wrong', () => {
    expect(found('发票号码', '开票日期', 1)).toEqual([]);
    expect(found('', '合计', 0)).toEqual([]);
  });
});
