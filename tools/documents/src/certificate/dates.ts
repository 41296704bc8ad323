export const addYears = (date: string, years: number): string =>
  `${Number(date.slice(0, 4)) + years}${date.slice(4)}`;

/** `2021年03月05日`. */
export function chineseDay(date: string): string {
  const [year = '', month = '', day = ''] = date.split('-');
  return `${year}年${month}月${day}日`;
}
