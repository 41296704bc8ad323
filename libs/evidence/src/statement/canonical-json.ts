import canonicalize from 'canonicalize';

/** RFC 8785 (JCS): one byte string for one value, whatever the order of its members. */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('The value has no JSON form');
  return text;
}
