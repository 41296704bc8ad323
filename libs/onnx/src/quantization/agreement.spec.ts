import { expect, it } from 'vitest';
import { isWithin, summarize } from './agreement.js';

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

it('stays finite when answers cannot be compared', () => {
  const { mean } = summarize('max-absolute-error', [Number.MAX_VALUE, Number.MAX_VALUE]);

  expect(Number.isFinite(mean)).toBe(true);
});
