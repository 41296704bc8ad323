import { expect, it } from 'vitest';
import { BodyBudget } from './body-budget.js';

it('lets bodies in until they fill it, and again when one is released', () => {
  const budget = new BodyBudget(100);
  const first = budget.open();
  const second = budget.open();

  expect(first.hold(60)).toBeUndefined();
  expect(second.hold(41)).toMatchObject({ code: 'overloaded', retryAfterMs: 1_000 });
  expect(second.hold(40)).toBeUndefined();
  first.release();
  expect(budget.held).toBe(40);
  expect(second.hold(60)).toBeUndefined();
});

it('counts what was released once', () => {
  const budget = new BodyBudget(100);
  const body = budget.open();
  body.hold(60);
  body.release();
  body.release();
  body.hold(10);

  expect(budget.held).toBe(0);
});

it('tops up what is held to what turned out to be needed', () => {
  const budget = new BodyBudget(100);
  const body = budget.open();
  body.hold(60);

  expect(body.holdUpTo(40)).toBeUndefined();
  expect(budget.held).toBe(60);
  expect(body.holdUpTo(90)).toBeUndefined();
  expect(budget.held).toBe(90);
  expect(body.holdUpTo(101)?.code).toBe('overloaded');
});
