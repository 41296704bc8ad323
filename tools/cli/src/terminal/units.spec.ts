import { expect, it } from 'vitest';
import { bytes, duration } from './units.js';

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [90_405_214, '90.4 MB'],
  [351_685_709, '352 MB'],
  [1_990_000_000, '2.0 GB'],
])('%i bytes read %s', (count, text) => {
  expect(bytes(count)).toBe(text);
});

it.each([
  [0.85, '850 µs'],
  [12.34, '12.3 ms'],
  [640, '640 ms'],
  [4_000, '4.0 s'],
  [125_000, '2 min 5 s'],
])('%d ms read %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});
