import { describe, expect, it } from 'vitest';
import { DomainError, isErrorCode } from './error.js';

describe('DomainError', () => {
  it('takes retryability from its code unless the thrower knows better', () => {
    expect(new DomainError('overloaded', 'full').retryable).toBe(true);
    expect(new DomainError('upstream_error', 'gone for good', { retryable: false }).retryable).toBe(false);
  });

  it('is recognised by mark, not by class identity', () => {
    const foreign = { [Symbol.for('trivium.domain-error')]: true };

    expect(DomainError.is(foreign)).toBe(true);
    expect(DomainError.is(new Error('plain'))).toBe(false);
  });

  it('knows its own codes and no others', () => {
    expect(isErrorCode('model_not_available')).toBe(true);
    expect(isErrorCode('toString')).toBe(false);
  });
});
