import { describe, expect, it } from 'vitest';
import { agreementOf, isWithin, summarize } from './agreement.js';

const answer = (columns: number, ...values: number[]) => ({ values, columns });

describe('agreement', () => {
  it('is full between the same answers, whatever the metric', () => {
    const same = answer(2, 1, 2, 3, 1);

    expect(agreementOf('cosine', same, same)).toBeCloseTo(1, 12);
    expect(agreementOf('top-1', same, same)).toBe(1);
    expect(agreementOf('max-absolute-error', same, same)).toBe(0);
    expect(agreementOf('cosine', answer(1, 0), answer(1, 0))).toBe(1);
  });

  it('tells how far answers are apart', () => {
    expect(agreementOf('cosine', answer(2, 1, 0), answer(2, 0, 1))).toBe(0);
    expect(agreementOf('top-1', answer(2, 1, 2, 3, 1), answer(2, 2, 1, 3, 1))).toBe(0.5);
    expect(agreementOf('max-absolute-error', answer(2, 1, 2), answer(2, 1, 4))).toBe(2);
  });

  it.each(['cosine', 'top-1', 'max-absolute-error'] as const)(
    'is none with answers of another size or with values that are no numbers (%s)',
    (metric) => {
      const none = metric === 'max-absolute-error' ? Number.POSITIVE_INFINITY : 0;

      expect(agreementOf(metric, answer(2, 1, 2), answer(2, 1))).toBe(none);
      expect(agreementOf(metric, answer(2, 1, 2), answer(2, Number.NaN, Number.NaN))).toBe(none);
    },
  );

  it('passes by the mean of shares and by the worst of errors', () => {
    const cosines = summarize('cosine', [1, 0.97]);
    const errors = summarize('max-absolute-error', [0.01, 0.2]);

    expect(cosines).toEqual({ mean: 0.985, worst: 0.97, samples: 2 });
    expect(isWithin('cosine', 0.98, cosines)).toBe(true);
    expect(isWithin('cosine', 0.99, cosines)).toBe(false);
    expect(errors.worst).toBe(0.2);
    expect(isWithin('max-absolute-error', 0.15, errors)).toBe(false);
    expect(isWithin('max-absolute-error', 0.25, errors)).toBe(true);
  });
});
