import { describe, expect, it } from 'vitest';
import { lengthsOf, LONGEST } from './traces.js';

describe('lengthsOf', () => {
  it('draws mixed lengths with a mean near 40 and a long tail that ends', () => {
    const lengths = lengthsOf('mixed', 5_000, 1);

    const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
    expect(mean).toBeGreaterThan(37);
    expect(mean).toBeLessThan(42);
    expect(Math.max(...lengths)).toBe(LONGEST);
  });

  it('is the same for the same seed', () => {
    expect(lengthsOf('mixed', 50, 7)).toEqual(lengthsOf('mixed', 50, 7));
    expect(lengthsOf('mixed', 50, 7)).not.toEqual(lengthsOf('mixed', 50, 8));
  });
});
