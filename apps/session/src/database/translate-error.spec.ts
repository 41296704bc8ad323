import { DomainError } from '@trivium/contracts';
import { describe, expect, it } from 'vitest';
import { isReadTimeout, isRepeatable, translateError } from './translate-error.js';

const withCode = (code: string, message = 'failed') => Object.assign(new Error(message), { code });

describe('translateError', () => {
  it.each([
    ['57P01', 'terminated by an administrator'],
    ['57P03', 'starting up'],
    ['08006', 'connection failure'],
    ['53300', 'too many connections'],
    ['57014', 'statement timeout'],
    ['25006', 'read-only transaction'],
    ['40P01', 'deadlock'],
    ['28P01', 'wrong password'],
    ['ECONNREFUSED', 'nobody listens'],
    ['ECONNRESET', 'cut'],
  ])('calls %s (%s) unavailable, retryable and says when to come back', (code) => {
    const translated = translateError(withCode(code));

    expect(translated).toMatchObject({ code: 'unavailable', retryable: true, retryAfterMs: 1_000 });
  });

  it.each([
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'timeout exceeded when trying to connect',
    'Query read timeout',
    'Client has encountered a connection error and is not queryable',
    'Query runner already released. Cannot run queries anymore.',
  ])('knows "%s" by its words', (message) => {
    expect(translateError(new Error(message)).code).toBe('unavailable');
  });

  it('looks into an aggregate, as a refused connection to a name with two addresses gives', () => {
    const error = new AggregateError([withCode('ECONNREFUSED'), withCode('ECONNREFUSED')]);

    expect(translateError(error).code).toBe('unavailable');
  });

  it.each(['22021', '22P05', '22P02'])('blames the text for %s', (code) => {
    expect(translateError(withCode(code))).toMatchObject({ code: 'invalid_request', retryable: false });
  });

  it('names an id that is taken', () => {
    expect(translateError(withCode('23505'))).toMatchObject({ code: 'invalid_request', param: 'id' });
  });

  it('keeps anything else internal, with the cause for the log and not in the message', () => {
    const cause = withCode('42P01', 'relation "session.item" does not exist');

    const translated = translateError(cause);

    expect(translated).toMatchObject({ code: 'internal', message: 'The statement failed', cause });
  });

  it('keeps what people wrote out of the cause', () => {
    const driverError = withCode('23514', 'violates check constraint');
    const error = Object.assign(new Error('failed'), { code: '23514', parameters: ['secret'], driverError });

    expect(translateError(error).cause).toBe(driverError);
  });

  it('lets the domain speak for itself', () => {
    const conflict = new DomainError('conflict', 'The head moved');

    expect(translateError(conflict)).toBe(conflict);
  });

  it('does not take an errno of five letters for an SQLSTATE', () => {
    expect(translateError(withCode('EPERM')).code).toBe('internal');
  });
});

it('runs again after a lost race only', () => {
  expect(isRepeatable(withCode('40001'))).toBe(true);
  expect(isRepeatable(withCode('40P01'))).toBe(true);
  expect(isRepeatable(withCode('57P01'))).toBe(false);
});

it('tells a read timeout, whatever wraps its words', () => {
  expect(isReadTimeout(new Error('Query read timeout'))).toBe(true);
  expect(isReadTimeout(new Error('Connection terminated'))).toBe(false);
});
