import { describe, expect, it } from 'vitest';
import { readWeights } from './weight-file.js';

const manifest = (...weights: unknown[]): Uint8Array =>
  new TextEncoder().encode(JSON.stringify([{ paths: ['net.bin'], weights }]));

describe('readWeights', () => {
  it('reads bytes by their scale and floats as they are, one tensor after the other', () => {
    const bytes = new Uint8Array([0, 10, 255, 0, 0, 192, 63]);

    const weights = readWeights(
      manifest(
        {
          name: 'filters',
          shape: [3],
          dtype: 'float32',
          quantization: { dtype: 'uint8', scale: 0.5, min: -1 },
        },
        { name: 'bias', shape: [], dtype: 'float32' },
      ),
      bytes,
    );

    expect(weights('filters')).toEqual({ shape: [3], values: Float32Array.of(-1, 4, 126.5) });
    expect(weights('bias').values).toEqual(Float32Array.of(1.5));
  });

  it.each([
    ['end before', new Uint8Array(3)],
    ['too many', new Uint8Array(5)],
  ])('refuses bytes that %s what the manifest says', (fault, bytes) => {
    const one = manifest({ name: 'bias', shape: [1], dtype: 'float32' });

    expect(() => readWeights(one, bytes)).toThrow(fault);
  });

  it('knows no other weights', () => {
    expect(() => readWeights(manifest(), new Uint8Array())('bias')).toThrow('no weight bias');
  });
});
