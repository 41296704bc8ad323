import { describe, expect, it } from 'vitest';
import { isCompact, limitsWithin, promptTokens } from './context-budget.js';
import { estimateTokens } from './token-estimate.js';

const CONFIGURED = { historyCharacters: 32_000, documentCharacters: 16_000 };

describe('the window of a model', () => {
  it.each([
    [undefined, false],
    [2_048, true],
    [4_096, true],
    [4_097, false],
  ])('%s: compact %s', (window, compact) => {
    expect(isCompact(window)).toBe(compact);
  });

  it('leaves room for the answer, but never too little for the prompt', () => {
    expect(promptTokens(2_048, { sampling: {} })).toBe(1_536);
    expect(promptTokens(2_048, { sampling: { maxTokens: 100 } })).toBe(1_948);
    expect(promptTokens(32_768, { sampling: { maxTokens: 32_000 } })).toBe(24_576);
  });

  it('bounds documents and history, unless it is large or not known', () => {
    const within = (window: number | undefined, said = 0) =>
      limitsWithin(window, CONFIGURED, { sampling: {} }, said);

    expect(within(undefined)).toEqual(CONFIGURED);
    expect(within(128_000)).toEqual(CONFIGURED);
    const small = within(8_192);
    expect(small.documentCharacters + small.historyCharacters).toBeLessThanOrEqual((8_192 - 1_024) * 1.6);
    expect(small.documentCharacters).toBeGreaterThan(6_000);
    expect(within(8_192, 50_000)).toEqual({ historyCharacters: 0, documentCharacters: 0 });
  });
});

it.each([
  ['', 0],
  ['价税合计是多少', 5],
  ['12345678', 8],
  ['what is the total', 5],
])('estimateTokens(%s) is %i', (text, expected) => {
  expect(estimateTokens(text)).toBe(expected);
});
