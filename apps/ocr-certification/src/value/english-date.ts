const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const NAME = '(jan|feb|mar|apr|may|jun|jul|aug|sep|[o0]ct|nov|dec)[a-z]*\\.?';
const YEAR = '((?:19|20)\\d\\d)';
const DAY = '(\\d{1,2})(?:st|nd|rd|th)?';

const FORMS = {
  dayFirst: new RegExp(`(?<!\\d)${DAY}[\\s.,-]*${NAME}[\\s.,-]*${YEAR}(?!\\d)`, 'i'),
  monthFirst: new RegExp(`${NAME}[\\s.]*${DAY}[\\s.,]*${YEAR}(?!\\d)`, 'i'),
  iso: new RegExp(`(?<!\\d)${YEAR}[-/.](\\d{1,2})[-/.](\\d{1,2})(?!\\d)`),
  numeric: new RegExp(`(?<!\\d)(\\d{1,2})[-/.](\\d{1,2})[-/.]${YEAR}(?!\\d)`),
} as const;

/** Whether numbers alone mean day/month or month/day on this page. */
export type DateOrder = 'day-first' | 'month-first';

export interface PrintedDate {
  /** Where it stands in the text. */
  readonly start: number;
  readonly end: number;
  /** `YYYY-MM-DD`; null for no day of the calendar and for numbers that may mean two days. */
  readonly date: string | null;
}

/** The first date in the text, or null when there is none. */
export function findEnglishDate(text: string, order: DateOrder | null = null): PrintedDate | null {
  for (const [form, pattern] of Object.entries(FORMS) as [keyof typeof FORMS, RegExp][]) {
    const match = pattern.exec(text);
    if (match === null) continue;
    const [all, first = '', second = '', third = ''] = match;
    const place = { start: match.index, end: match.index + all.length };
    switch (form) {
      case 'dayFirst':
        return { ...place, date: isoOf(third, monthOf(second), first) };
      case 'monthFirst':
        return { ...place, date: isoOf(third, monthOf(first), second) };
      case 'iso':
        return { ...place, date: isoOf(first, Number(second), third) };
      case 'numeric':
        return { ...place, date: numericDate(third, first, second, order) };
    }
  }
  return null;
}

/** What the page's own dates say: 14/03/2025 can only be day first. Null when none tells or two disagree. */
export function dateOrderOf(texts: readonly string[]): DateOrder | null {
  const orders = new Set(
    texts.flatMap((text): DateOrder[] => {
      const match = FORMS.numeric.exec(text);
      if (match === null) return [];
      const [first, second] = [Number(match[1]), Number(match[2])];
      if (first > 12 && second <= 12) return ['day-first'];
      return second > 12 && first <= 12 ? ['month-first'] : [];
    }),
  );
  const [order = null] = orders;
  return orders.size === 1 ? order : null;
}

function numericDate(year: string, first: string, second: string, order: DateOrder | null): string | null {
  if (first === second) return isoOf(year, Number(first), second);
  const decided = Number(first) > 12 ? 'day-first' : Number(second) > 12 ? 'month-first' : order;
  if (decided === null) return null;
  return decided === 'day-first' ? isoOf(year, Number(second), first) : isoOf(year, Number(first), second);
}

const monthOf = (name: string): number =>
  MONTHS.indexOf(name.slice(0, 3).toLowerCase().replace('0', 'o')) + 1;

function isoOf(year: string, month: number, day: string): string | null {
  const iso = `${year}-${String(month).padStart(2, '0')}-${day.padStart(2, '0')}`;
  const parsed = new Date(`${iso}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(iso) ? iso : null;
}
