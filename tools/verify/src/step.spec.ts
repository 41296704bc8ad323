import { expect, it } from 'vitest';
import { tallyOf } from './step.js';

const report = (passed: number, failed: number): string =>
  JSON.stringify({ numPassedTests: passed, numFailedTests: failed });

it.each([
  ['counts what the runner counted', report(12, 2), 1, { passed: 12, failed: 2 }],
  ['fails when the runner failed without a failed test', report(12, 0), 1, { passed: 12, failed: 1 }],
  ['fails when no report was written', '{}', 1, { passed: 0, failed: 1 }],
  ['fails when no test ran at all', report(0, 0), 0, { passed: 0, failed: 1 }],
])('%s', (_policy, json, status, expected) => {
  expect(tallyOf(json, status)).toEqual(expected);
});
