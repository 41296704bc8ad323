/** Matches a printed date; years from 1994, when the VAT invoice began, to 2099. */
export const DATE_PATTERN =
  /(199[4-9]|20\d\d)\s*[年\-./]\s*(0?[1-9]|1[0-2])\s*[月\-./]\s*(0?[1-9]|[12]\d|3[01])(?!\d)\s*日?/;

/** `YYYY-MM-DD` of a date that exists in the calendar, else null. */
export function parseDate(text: string): string | null {
  const match = DATE_PATTERN.exec(text);
  if (match === null) return null;
  const [, year = '', month = '', day = ''] = match;
  const iso = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const parsed = new Date(`${iso}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(iso) ? iso : null;
}
