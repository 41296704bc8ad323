import { describe, expect, it } from 'vitest';
import { parseDate } from './date.js';

describe('parseDate', () => {
  it.each([
    ['2024年03月05日', '2024-03-05'],
    ['2024 年 3 月 5 日', '2024-03-05'],
    ['22022年02月05日', '2022-02-05'],
    ['开票日1期:2022年05月04日', '2022-05-04'],
    ['2024-12-31', '2024-12-31'],
    ['2024年02月29日', '2024-02-29'],
  ])('reads %s', (text, date) => {
    expect(parseDate(text)).toBe(date);
  });

  it.each(['2023年02月29日', '2024年13月01日', '1987年01月01日', '03月05日', '2024年04月31日'])(
    'refuses %s',
    (text) => {
      expect(parseDate(text)).toBeNull();
    },
  );
});
