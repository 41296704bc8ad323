import { expect, it } from 'vitest';
import { type Outcome, sampleOf } from './tally.js';

const outcome = (changes: Partial<Outcome['comparison']>, durationMs: number): Outcome => ({
  entry: { kind: 'taxi', degree: 'hard' },
  comparison: {
    kind: true,
    fields: { right: 3, of: 4 },
    total: { right: 1, of: 1 },
    rows: { right: 0, of: 0 },
    verdict: true,
    wrongPass: false,
    mistakes: [],
    ...changes,
  },
  reading: { values: 4, found: 3, characters: 40, edits: 2 },
  durationsMs: [durationMs],
});

it('adds up what was right and how long it took', () => {
  const wrong = outcome({ total: { right: 0, of: 1 }, wrongPass: true, verdict: false }, 3000);

  expect(sampleOf([outcome({}, 1000), wrong])).toEqual({
    fields: 0.75,
    total: 0.5,
    rows: Number.NaN,
    kind: 1,
    verdict: 0.5,
    wrongPass: 1,
    recall: 0.75,
    cer: 0.05,
    p50: 3,
    p95: 3,
  });
});
