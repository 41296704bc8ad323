import { describe, expect, it } from 'vitest';
import { depthwiseFiltersOf, filtersOf, scaled } from './filters.js';

describe('filters', () => {
  it('are turned from row, column, input, output to output, input, row, column', () => {
    const values = Float32Array.from({ length: 8 }, (_, index) => index);

    expect(filtersOf({ shape: [2, 1, 2, 2], values })).toEqual({
      dims: [2, 2, 2, 1],
      values: Float32Array.of(0, 4, 2, 6, 1, 5, 3, 7),
    });
  });

  it('of a depthwise convolution have one input each', () => {
    const values = Float32Array.of(1, 10, 2, 20);

    expect(depthwiseFiltersOf({ shape: [2, 1, 2, 1], values })).toEqual({
      dims: [2, 1, 2, 1],
      values: Float32Array.of(1, 2, 10, 20),
    });
  });

  it('take in the factor of their output channel', () => {
    const filters = { dims: [2, 1, 1, 2], values: Float32Array.of(1, 2, 3, 4) } as const;

    expect(scaled(filters, Float32Array.of(10, -1)).values).toEqual(Float32Array.of(10, 20, -3, -4));
  });
});
