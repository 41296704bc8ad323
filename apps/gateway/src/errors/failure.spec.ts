import { NotFoundException } from '@nestjs/common';
import { DomainError } from '@trivium/contracts';
import { describe, expect, it } from 'vitest';
import { ErrorBody, toFailure } from './failure.js';

describe('toFailure', () => {
  it('has all four keys, whatever was thrown', () => {
    for (const thrown of [
      new DomainError('conflict', 'x'),
      new NotFoundException('x'),
      new Error('x'),
      'x',
      null,
    ]) {
      expect(ErrorBody.safeParse(toFailure(thrown, 'req_1').body).error).toBeUndefined();
    }
  });

  it('keeps what is not meant for clients to itself', () => {
    const internal = new DomainError('internal', 'SELECT * FROM secrets');

    for (const thrown of [internal, new Error('at /srv/app.js'), { code: 'ECONNREFUSED' }]) {
      const { status, body } = toFailure(thrown, 'req_1');
      expect(status).toBe(500);
      expect(body.error.message).toBe(
        'Something failed on our side. Give this request id when you report it: req_1',
      );
    }
  });

  it('says when to come back, in whole seconds for those who know no milliseconds', () => {
    const { headers } = toFailure(new DomainError('overloaded', 'full', { retryAfterMs: 1_200 }), 'req_1');

    expect(headers).toEqual({ 'retry-after': '2', 'retry-after-ms': '1200' });
  });

  it('stops clients from retrying what will fail again', () => {
    const final = toFailure(new DomainError('upstream_error', 'gone', { retryable: false }), 'req_1');
    const again = toFailure(new DomainError('upstream_error', 'gone'), 'req_1');

    expect(final.headers).toEqual({ 'x-should-retry': 'false' });
    expect(again.headers).not.toHaveProperty('x-should-retry');
  });

  it('keeps the status of what the HTTP layer refused', () => {
    const tooLarge = Object.assign(new Error('Request body is too large'), {
      code: 'FST_ERR_CTP_BODY_TOO_LARGE',
      statusCode: 413,
    });

    expect(toFailure(tooLarge, 'req_1')).toMatchObject({
      status: 413,
      body: { error: { code: 'payload_too_large', type: 'invalid_request_error' } },
    });
  });
});
