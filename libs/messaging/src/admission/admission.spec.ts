import { describe, expect, it } from 'vitest';
import type { Priority } from '../messaging.js';
import { Admission, type Applicant } from './admission.js';

function applicants(): { entered: string[]; applicant(name: string, priority?: Priority): Applicant } {
  const entered: string[] = [];
  return {
    entered,
    applicant: (name, priority = 'interactive') => ({ priority, enter: () => void entered.push(name) }),
  };
}

describe('Admission', () => {
  it('lets in so many, queues so many, refuses the rest', () => {
    const { entered, applicant } = applicants();
    const admission = new Admission({ concurrency: 1, queue: 2 });

    const verdicts = ['a', 'b', 'c', 'd'].map((name) => admission.apply(applicant(name)));

    expect(verdicts).toEqual(['entered', 'waiting', 'waiting', 'refused']);
    expect(entered).toEqual(['a']);
  });

  it('gives each place that is left to the next in line', () => {
    const { entered, applicant } = applicants();
    const admission = new Admission({ concurrency: 1, queue: 2 });
    for (const name of ['a', 'b', 'c']) admission.apply(applicant(name));

    admission.leave(1);
    admission.leave(1);
    admission.leave(1);

    expect(entered).toEqual(['a', 'b', 'c']);
    expect(admission.inside).toBe(0);
  });

  it('takes one batch request after four interactive ones', () => {
    const { entered, applicant } = applicants();
    const admission = new Admission({ concurrency: 1, queue: 64 });
    admission.apply(applicant('first'));
    for (const name of ['b1', 'b2']) admission.apply(applicant(name, 'batch'));
    for (let n = 1; n <= 9; n++) admission.apply(applicant(`i${n}`));

    for (let n = 0; n < 11; n++) admission.leave(1);

    expect(entered).toEqual(['first', 'i1', 'i2', 'i3', 'i4', 'b1', 'i5', 'i6', 'i7', 'i8', 'b2', 'i9']);
  });

  it('keeps half of the queue free of batch requests', () => {
    const { applicant } = applicants();
    const admission = new Admission({ concurrency: 1, queue: 4 });
    admission.apply(applicant('first'));

    const verdicts = ['b1', 'b2', 'b3'].map((name) => admission.apply(applicant(name, 'batch')));

    expect(verdicts).toEqual(['waiting', 'waiting', 'refused']);
    expect(admission.apply(applicant('i1'))).toBe('waiting');
  });

  it('forgets one that withdraws', () => {
    const { entered, applicant } = applicants();
    const admission = new Admission({ concurrency: 1, queue: 4 });
    admission.apply(applicant('first'));
    const second = applicant('second');
    admission.apply(second);

    expect(admission.withdraw(second)).toBe(true);
    expect(admission.withdraw(second)).toBe(false);
    admission.leave(1);

    expect(entered).toEqual(['first']);
  });

  it('estimates the wait from how long work takes and how many wait', () => {
    const { applicant } = applicants();
    const admission = new Admission({ concurrency: 2, queue: 10 });
    for (let n = 0; n < 2; n++) admission.apply(applicant('inside'));
    admission.leave(2_000);
    admission.apply(applicant('inside'));
    for (let n = 0; n < 3; n++) admission.apply(applicant('waiting'));

    expect(admission.retryAfterMs()).toBe(4_000);
  });

  it('never says less than a tenth of a second nor more than half a minute', () => {
    const { applicant } = applicants();
    const admission = new Admission({ concurrency: 1, queue: 10 });

    expect(admission.retryAfterMs()).toBe(100);
    admission.apply(applicant('slow'));
    admission.leave(600_000);
    expect(admission.retryAfterMs()).toBe(30_000);
  });
});
