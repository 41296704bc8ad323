import { isCalendarDay } from '@trivium/evidence/value';

/** Stands for 长期: the last day there is. */
export const PERMANENT = '9999-12-31';

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const NUMERIC =
  /(19\d\d|20\d\d)\s*[年\-./]\s*(0?[1-9]|1[0-2])(?:\s*[月\-./]\s*(0?[1-9]|[12]\d|3[01])(?!\d)|\s*月)/g;
const LATIN = /(0?[1-9]|[12]\d|3[01])\s*(?:\d{1,2}月\/?)?\s*([A-Z]{3})[A-Z]*\s*((?:19|20)\d\d)/g;

/** The first date printed, `YYYY-MM-DD`, or `YYYY-MM` where no day stands; null when there is none. */
export function firstDayIn(text: string): string | null {
  return daysIn(text)[0] ?? null;
}

/** The last date printed: of a period its end. */
export function lastDayIn(text: string): string | null {
  return daysIn(text).at(-1) ?? null;
}

/** `2021年3月5日`, `2021.03.05`, `05 MAR 2021`, `05 3月/MAR 2021`, `2021年03月`. */
export function daysIn(text: string): string[] {
  const numeric = [...text.matchAll(NUMERIC)].map(([, year = '', month = '', day]) => {
    const yearMonth = `${year}-${month.padStart(2, '0')}`;
    return day === undefined ? yearMonth : `${yearMonth}-${day.padStart(2, '0')}`;
  });
  const latin = [...text.toUpperCase().matchAll(LATIN)].flatMap(([, day = '', name = '', year = '']) => {
    const month = MONTHS.indexOf(name) + 1;
    return month === 0 ? [] : [`${year}-${String(month).padStart(2, '0')}-${day.padStart(2, '0')}`];
  });
  return [...numeric, ...latin].filter((day) => day.length === 7 || isCalendarDay(day));
}
