import { expect, it } from 'vitest';
import { ByteBudget } from './byte-budget.js';

const never: readonly AbortSignal[] = [];
const settled = async (promise: Promise<unknown>): Promise<boolean> => {
  let done = false;
  void promise.then(() => (done = true));
  await new Promise((resolve) => setImmediate(resolve));
  return done;
};

it('lets in what fits and makes the rest wait its turn', async () => {
  const budget = new ByteBudget(10);
  const first = await budget.enter(6, never);
  const second = budget.enter(6, never);
  const small = budget.enter(1, never);

  expect(await settled(second)).toBe(false);
  expect(await settled(small)).toBe(false); // no overtaking: a large one would starve
  first[Symbol.dispose]();
  expect(await settled(second)).toBe(true);
  expect(await settled(small)).toBe(true);
});

it('lets in alone what is larger than the budget', async () => {
  const budget = new ByteBudget(10);
  const small = await budget.enter(1, never);
  const huge = budget.enter(1000, never);

  expect(await settled(huge)).toBe(false);
  small[Symbol.dispose]();
  (await huge)[Symbol.dispose]();
  expect(await settled(budget.enter(10, never))).toBe(true);
});

it('forgets who left while waiting', async () => {
  const budget = new ByteBudget(10);
  const first = await budget.enter(10, never);
  const leaving = new AbortController();
  const left = budget.enter(10, [leaving.signal]);
  const patient = budget.enter(10, never);

  leaving.abort(new Error('gone'));
  await expect(left).rejects.toThrow('gone');
  first[Symbol.dispose]();
  expect(await settled(patient)).toBe(true);
});
