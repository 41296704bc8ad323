import { describe, expect, it } from 'vitest';
import { Admission } from './admission.js';

describe('Admission', () => {
  it('refuses past its limit with a time to come back', () => {
    const admission = new Admission('Reading', 1, () => 249.2);
    using _permit = admission.enter();

    expect(() => admission.enter()).toThrow(
      expect.objectContaining({ code: 'overloaded', retryable: true, retryAfterMs: 250 }),
    );
  });

  it('frees the place when the work leaves its scope, once', () => {
    const admission = new Admission('Reading', 1, () => 0);
    {
      using permit = admission.enter();
      permit[Symbol.dispose]();
    }

    expect(admission.inFlight).toBe(0);
  });
});
