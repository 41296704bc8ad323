import type { RolloutRule } from '@trivium/contracts/inference';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Rollout } from './rollout.js';

const rule = (overrides: Partial<RolloutRule> = {}): RolloutRule => ({
  candidate: '2',
  mode: 'shadow',
  percent: 10,
  samples: 10,
  metric: 'cosine',
  minAgreement: 0.99,
  maxLatencyRatio: 1.5,
  maxFailureRate: 0.1,
  ...overrides,
});
const GOOD = { agreement: 0.999, servingMs: 10, candidateMs: 11 };

function judged(rollout: Rollout, sample: Parameters<Rollout['record']>[0], times: number) {
  for (let index = 0; index < times; index += 1) rollout.record(sample);
  return rollout.status();
}

describe('Rollout', () => {
  it('promotes when the last sample is in and everything is within the rule', () => {
    const rollout = new Rollout(rule());

    expect(judged(rollout, GOOD, 9).state).toBe('running');
    expect(judged(rollout, GOOD, 1)).toMatchObject({ state: 'promoted', compared: 10, latencyRatio: 1.1 });
  });

  it('rolls back as soon as failures leave no way to pass', () => {
    const rollout = new Rollout(rule());
    judged(rollout, { servingMs: 10, candidateFailed: true }, 1);

    expect(rollout.state).toBe('running');
    expect(judged(rollout, { servingMs: 10, candidateFailed: true }, 1)).toMatchObject({
      state: 'rolled-back',
      compared: 2,
      reason: '2 of 2 requests failed, 0.1 of all may',
    });
  });

  it('does not blame the candidate for requests that the serving version fails too', () => {
    const rollout = new Rollout(rule());
    judged(rollout, { servingFailed: true, candidateFailed: true }, 5);

    expect(judged(rollout, GOOD, 5).state).toBe('promoted');
  });

  it('rolls back a candidate that disagrees, early, or is slow, at the end', () => {
    expect(judged(new Rollout(rule()), { ...GOOD, agreement: 0.5 }, 1)).toMatchObject({
      state: 'rolled-back',
      compared: 1,
    });
    expect(judged(new Rollout(rule()), { ...GOOD, candidateMs: 16 }, 10).reason).toMatch(/median latency/u);
  });

  it('does not promote in shadow mode what was never compared', () => {
    expect(judged(new Rollout(rule()), { servingMs: 10, candidateMs: 10 }, 10).state).toBe('rolled-back');
  });

  it('judges a canary by what each version answered on its own', () => {
    const rollout = new Rollout(rule({ mode: 'canary' }));
    judged(rollout, { servingMs: 10 }, 90);

    expect(rollout.status()).toMatchObject({ state: 'running', compared: 0 });
    expect(judged(rollout, { candidateMs: 12 }, 10)).toMatchObject({ state: 'promoted', latencyRatio: 1.2 });
  });

  it('takes an error as something that must be small', () => {
    const errors = rule({ metric: 'max-absolute-error', minAgreement: 0.01 });

    expect(judged(new Rollout(errors), { ...GOOD, agreement: 0.001 }, 10).state).toBe('promoted');
    expect(judged(new Rollout(errors), { ...GOOD, agreement: 1 }, 1).state).toBe('rolled-back');
  });

  it('never rolls back early what the full number of samples would have promoted', () => {
    const sample = fc.record({
      agreement: fc.double({ min: 0.9, max: 1, noNaN: true }),
      candidateFailed: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(sample, { minLength: 10, maxLength: 10 }), (samples) => {
        const rollout = new Rollout(rule({ minAgreement: 0.97, maxFailureRate: 0.5 }));
        for (const one of samples) rollout.record({ ...one, servingMs: 1, candidateMs: 1 });
        const mean = samples.reduce((sum, { agreement }) => sum + agreement, 0) / 10;
        const failures = samples.filter(({ candidateFailed }) => candidateFailed).length;
        const borderline = Math.abs(mean - 0.97) < 1e-9;
        if (!borderline)
          expect(rollout.state).toBe(mean >= 0.97 && failures <= 5 ? 'promoted' : 'rolled-back');
      }),
    );
  });
});
