import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { WakeablePause } from './wakeable-pause.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const never = new AbortController().signal;

it('lasts as long as it is told', async () => {
  const ended = vi.fn();
  void new WakeablePause().rest(1_000, never).then(ended);

  await vi.advanceTimersByTimeAsync(999);
  expect(ended).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(ended).toHaveBeenCalled();
});

it('ends at a call', async () => {
  const pause = new WakeablePause();
  const rest = pause.rest(1_000, never);

  pause.call();

  await rest;
  expect(vi.getTimerCount()).toBe(0);
});

it('does not begin when the call came first, once', async () => {
  const pause = new WakeablePause();
  pause.call();
  await pause.rest(1_000, never);

  const ended = vi.fn();
  void pause.rest(1_000, never).then(ended);

  await vi.advanceTimersByTimeAsync(999);
  expect(ended).not.toHaveBeenCalled();
});

it('ends at an abort', async () => {
  const controller = new AbortController();
  const rest = new WakeablePause().rest(1_000, controller.signal);

  controller.abort();

  await rest;
  expect(vi.getTimerCount()).toBe(0);
});
