import { expect, it } from 'vitest';
import { formatBytes } from './byte-size.js';

it.each([
  [32 * 1024 * 1024, '32 MiB'],
  [1536 * 1024, '1536 KiB'],
  [100_000, '100000 bytes'],
])('%i is %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
