import { expect, it } from 'vitest';
import { decodeKey, encodeKey, prefixFilter } from './record-key.js';

it.each([
  ['resnet50', 'resnet50'],
  ['text/bge-small', 'text.bge-small'],
  ['qwen2.5..instruct.', 'qwen2=2e5=2e=2einstruct=2e'],
  ['a//b', 'a.=.b'],
  ['tenant/ä * > 语言', 'tenant.=c3=a4=20=2a=20=3e=20=e8=af=ad=e8=a8=80'],
  ['a=b%20', 'a=3db=2520'],
])('%s is written %s and read back', (key, subject) => {
  expect(encodeKey(key)).toBe(subject);
  expect(decodeKey(subject)).toBe(key);
});

it('keeps prefixes a filter of the broker as far as segments go', () => {
  expect(prefixFilter('')).toBe('>');
  expect(prefixFilter('te')).toBe('>');
  expect(prefixFilter('text/')).toBe('text.>');
  expect(prefixFilter('text/v1.0/be')).toBe('text.v1=2e0.>');
});

it.each(['', 'x'.repeat(256)])('refuses a key of %# characters', (key) => {
  expect(() => encodeKey(key)).toThrow(expect.objectContaining({ code: 'invalid_request', param: 'key' }));
});
