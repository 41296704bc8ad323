import { describe, expect, it } from 'vitest';
import { placeSize, planCache } from './cache-plan.js';

const MIB = 1024 ** 2;

describe('planCache', () => {
  it('leaves room for many sequences of a small model', () => {
    const plan = planCache({ bytes: 800 * MIB, bytesPerPosition: 46_080, positions: 2_048, inPlace: true });

    expect(plan.contextWindow).toBe(2_048);
    expect(Math.floor(plan.livePositions / placeSize(512, 2_048))).toBeGreaterThan(16);
  });

  it.each([
    { bytes: 64 * MIB, inPlace: true },
    { bytes: 64 * MIB, inPlace: false },
    { bytes: 4_096 * MIB, inPlace: true },
  ])('never plans more than $bytes bytes hold, in place: $inPlace', ({ bytes, inPlace }) => {
    const bytesPerPosition = 24_576;
    const plan = planCache({ bytes, bytesPerPosition, positions: 32_768, inPlace });

    const copies = inPlace ? 1 : 2;
    const held = (plan.livePositions * copies + plan.prefixPositions) * bytesPerPosition;
    expect(held).toBeLessThanOrEqual(bytes);
    expect(held).toBeGreaterThan(0.99 * bytes);
    expect(plan.contextWindow).toBeLessThanOrEqual(plan.livePositions);
    expect(plan.contextWindow).toBeLessThanOrEqual(8_192);
  });

  it('has no window where not one position fits', () => {
    const plan = planCache({ bytes: 1_000, bytesPerPosition: 2_000, positions: 64, inPlace: true });

    expect(plan.contextWindow).toBe(0);
  });
});

describe('placeSize', () => {
  it.each([
    [1, 256],
    [256, 256],
    [257, 384],
    [385, 512],
    [513, 768],
    [3_000, 3_072],
    [3_073, 4_000],
    [9_999, 4_000],
  ])('sets aside for %i positions %i', (length, size) => {
    expect(placeSize(length, 4_000)).toBe(size);
  });
});
