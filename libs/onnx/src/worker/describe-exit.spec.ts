import { expect, it } from 'vitest';
import { describeExit } from './describe-exit.js';

it('says how a process ended', () => {
  expect(describeExit(7, null)).toBe('code 7');
  expect(describeExit(null, 'SIGSEGV')).toBe('SIGSEGV (invalid memory access)');
  expect(describeExit(null, 'SIGHUP')).toBe('SIGHUP');
});

it('tells a process that was killed from one that its service ended', () => {
  expect(describeExit(null, 'SIGKILL')).toBe('SIGKILL (killed from outside, perhaps for its memory)');
  expect(describeExit(null, 'SIGKILL', true)).toBe('SIGKILL (ended by its service)');
});
