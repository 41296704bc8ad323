import { expect, it } from 'vitest';
import { newId } from './identifier.js';

it('carries its prefix and a fixed length', () => {
  expect(newId('conv')).toMatch(/^conv_[0-9a-f]{36}$/);
});

it('sorts by time', () => {
  const earlier = newId('msg', 1_763_700_000_000);
  const later = newId('msg', 1_763_700_000_001);

  expect(earlier < later).toBe(true);
});

it('differs within one millisecond', () => {
  const ids = new Set(Array.from({ length: 1_000 }, () => newId('msg', 1)));

  expect(ids.size).toBe(1_000);
});
