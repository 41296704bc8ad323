import { DomainError } from '@trivium/contracts';

const MAX_KEY_LENGTH = 255;
const EMPTY_SEGMENT = '=';

/**
 * A key as the tail of a subject: segments become tokens, so that a prefix that ends with `/` is a filter
 * of the broker's; what a token may not hold (a dot, a space, a wildcard) is written `=` and two digits of
 * hex for each byte.
 */
export function encodeKey(key: string): string {
  if (key === '' || key.length > MAX_KEY_LENGTH) {
    throw new DomainError('invalid_request', `A key has 1 to ${MAX_KEY_LENGTH} characters.`, {
      param: 'key',
    });
  }
  return key.split('/').map(encodeSegment).join('.');
}

export function decodeKey(subject: string): string {
  return subject.split('.').map(decodeSegment).join('/');
}

/** Subject filter that holds at least the keys with this prefix. */
export function prefixFilter(prefix: string): string {
  const whole = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  return whole === '' ? '>' : `${whole.slice(0, -1).split('/').map(encodeSegment).join('.')}.>`;
}

function encodeSegment(segment: string): string {
  if (segment === '') return EMPTY_SEGMENT;
  return segment.replaceAll(/[^A-Za-z0-9_-]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `=${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}

function decodeSegment(token: string): string {
  if (token === EMPTY_SEGMENT) return '';
  const percent = token.replaceAll('=', '%');
  return decodeURIComponent(percent);
}
