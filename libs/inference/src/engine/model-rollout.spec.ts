import { RolloutRule } from '@trivium/contracts/inference';
import { expect, it } from 'vitest';
import { ModelRollout } from './model-rollout.js';

const rule = RolloutRule.parse({
  candidate: '2',
  mode: 'shadow',
  percent: 25,
  samples: 3,
  minAgreement: 0.9,
});
const running = { rule, state: 'running', compared: 0, reason: '' } as const;

it('draws the share of requests that its rule asks for, in its mode only', () => {
  const rollout = ModelRollout.following(undefined, running);
  expect(rollout?.draws('shadow', 0.24)).toBe(true);
  expect(rollout?.draws('shadow', 0.25)).toBe(false);
  expect(rollout?.draws('canary', 0)).toBe(false);
});

it('withholds its candidate until it is promoted', () => {
  expect(ModelRollout.following(undefined, running)?.withheld).toBe('2');
  expect(ModelRollout.following(undefined, { ...running, state: 'rolled-back' })?.withheld).toBe('2');
  expect(ModelRollout.following(undefined, { ...running, state: 'promoted' })?.withheld).toBeUndefined();
});

it('keeps what it has seen while the repository tells the same, and begins anew with another rule', () => {
  const first = ModelRollout.following(undefined, running);
  first?.record({ agreement: 1, servingMs: 1, candidateMs: 1 });
  const same = ModelRollout.following(first, { ...running });
  const other = ModelRollout.following(first, { ...running, rule: { ...rule, samples: 9 } });

  expect(same?.status().compared).toBe(1);
  expect(other?.status().compared).toBe(0);
  expect(ModelRollout.following(first, undefined)).toBeUndefined();
});

it('tells the decision once, and draws nothing after it', () => {
  const rollout = ModelRollout.following(undefined, running);
  const told = [1, 2, 3, 4].map(() => rollout?.record({ agreement: 1, servingMs: 1, candidateMs: 1 }));

  expect(told.map((status) => status?.state)).toEqual([undefined, undefined, 'promoted', undefined]);
  expect(rollout?.draws('shadow', 0)).toBe(false);
});

it('runs few copies at a time', () => {
  const rollout = ModelRollout.following(undefined, running);
  const places = [rollout?.shadow(), rollout?.shadow(), rollout?.shadow()];
  expect(places.map((place) => place !== undefined)).toEqual([true, true, false]);
  places[0]?.[Symbol.dispose]();
  expect(rollout?.shadow()).toBeDefined();
});
