import { describe, expect, it } from 'vitest';
import { dateOrderOf, findEnglishDate } from './english-date.js';

describe('findEnglishDate', () => {
  it.each([
    ['Invoice date: March 14, 2025', '2025-03-14'],
    ['14 March 2025', '2025-03-14'],
    ['14Mar2025', '2025-03-14'],
    ['240ct 2023', '2023-10-24'],
    ['2nd May 2024', '2024-05-02'],
    ['2025-03-14', '2025-03-14'],
    ['14/03/2025', '2025-03-14'],
    ['03/14/2025', '2025-03-14'],
    ['05.05.2025', '2025-05-05'],
  ])('reads %s', (text, date) => {
    expect(findEnglishDate(text)?.date).toBe(date);
  });

  it('leaves open what may be two days, unless the page tells', () => {
    expect(findEnglishDate('03/04/2025')?.date).toBeNull();
    expect(findEnglishDate('03/04/2025', 'day-first')?.date).toBe('2025-04-03');
    expect(findEnglishDate('03/04/2025', dateOrderOf(['05/28/2025']))?.date).toBe('2025-03-04');
    expect(dateOrderOf(['05/28/2025', '28/05/2025'])).toBeNull();
  });

  it('finds no day that the calendar does not have', () => {
    expect(findEnglishDate('31 February 2025')?.date).toBeNull();
    expect(findEnglishDate('no date')).toBeNull();
  });
});
