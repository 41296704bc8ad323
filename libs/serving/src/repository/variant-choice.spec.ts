import { describe, expect, it } from 'vitest';
import { chooseVariant, type VariantQuestion } from './variant-choice.js';

const question = (overrides: Partial<VariantQuestion> = {}): VariantQuestion => ({
  model: 'mini',
  policy: { default: 'fp32', under_load: { variant: 'int8', above_queue_ms: 50, below_queue_ms: 10 } },
  available: ['fp32', 'int8'],
  estimatedWaitMs: 0,
  ...overrides,
});

describe('chooseVariant', () => {
  it.each([
    [51, 'fp32', 'int8'],
    [30, 'int8', 'int8'],
    [30, 'fp32', 'fp32'],
    [10, 'int8', 'fp32'],
  ] as const)('at a wait of %d ms and on %s it takes %s', (estimatedWaitMs, current, variant) => {
    expect(chooseVariant(question({ estimatedWaitMs, current })).variant).toBe(variant);
  });

  it('takes what exists when the default does not', () => {
    expect(chooseVariant(question({ available: ['int8', 'fp16'] })).variant).toBe('fp16');
  });

  it('gives a request what it names or says what there is', () => {
    expect(chooseVariant(question({ requested: 'int8' }))).toEqual({ variant: 'int8', by: 'request' });
    expect(() => chooseVariant(question({ requested: 'int4' }))).toThrow(/it has: fp32, int8/u);
  });
});
