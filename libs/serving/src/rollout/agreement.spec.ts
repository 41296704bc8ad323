import type { Datatype, Tensor } from '@trivium/contracts/tensor';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agreementOf } from './agreement.js';
import { halfToNumber, tensorValues } from './tensor-values.js';

function tensor(
  values: ArrayBufferView,
  shape: readonly number[],
  datatype: Datatype = 'FP32',
  name = 'out',
): Tensor {
  return { name, datatype, shape, data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
}
const floats = (values: readonly number[], shape = [values.length]) =>
  tensor(Float32Array.from(values), shape);

describe('agreementOf', () => {
  it('takes the mean of the items by cosine', () => {
    const agreement = agreementOf('cosine', [floats([1, 0, 1, 0], [2, 2])], [floats([2, 0, 0, 3], [2, 2])]);

    expect(agreement).toBeCloseTo(0.5, 12);
  });

  it('takes an item as a whole by cosine: a row of next to nothing does not count as the others', () => {
    const agreement = agreementOf(
      'cosine',
      [floats([1, 1, 1e-6, 0], [1, 2, 2])],
      [floats([1, 1, 0, 1e-6], [1, 2, 2])],
    );

    expect(agreement).toBeCloseTo(1, 9);
  });

  it('counts the rows with the same largest element', () => {
    const agreement = agreementOf('top-1', [floats([1, 2, 5, 1], [2, 2])], [floats([0, 9, 1, 2], [2, 2])]);

    expect(agreement).toBe(0.5);
  });

  it('finds the largest error of any element', () => {
    expect(agreementOf('max-absolute-error', [floats([1, 2])], [floats([1, 2.5])])).toBe(0.5);
  });

  it('compares across datatypes, unaligned or not', () => {
    const half = tensor(Uint16Array.of(0x3c00, 0xc000), [2], 'FP16');
    const unaligned = { ...half, data: Uint8Array.of(0, ...half.data).subarray(1) };

    expect(agreementOf('max-absolute-error', [floats([1, -2])], [unaligned])).toBe(0);
    expect(
      agreementOf(
        'top-1',
        [tensor(BigInt64Array.of(3n, 7n), [2], 'INT64')],
        [tensor(Int32Array.of(1, 2), [2], 'INT32')],
      ),
    ).toBe(1);
    expect(agreementOf('cosine', [tensor(Float64Array.of(3, 4), [2], 'FP64')], [floats([3, 4])])).toBeCloseTo(
      1,
      12,
    );
  });

  it('takes the output that agrees least, and the worst for one that is missing', () => {
    const other = { ...floats([1, 0]), name: 'other' };

    expect(
      agreementOf('cosine', [floats([1, 0]), other], [floats([1, 0]), { ...floats([0, 1]), name: 'other' }]),
    ).toBe(0);
    expect(agreementOf('cosine', [floats([1, 0])], [other])).toBe(-1);
    expect(agreementOf('top-1', [floats([1, 0])], [floats([1, 0], [1, 2])])).toBe(0);
  });

  it.each(['cosine', 'top-1', 'max-absolute-error'] as const)(
    'never takes a NaN for agreement by %s',
    (metric) => {
      const agreement = agreementOf(metric, [floats([1, 2])], [floats([1, Number.NaN])]);

      expect(agreement).toBe({ cosine: -1, 'top-1': 0, 'max-absolute-error': Number.MAX_VALUE }[metric]);
    },
  );

  it('finds any tensor in full agreement with itself', () => {
    fc.assert(
      fc.property(fc.float32Array({ minLength: 1, maxLength: 64 }), (values) => {
        const one = [tensor(values, [values.length])];
        expect(agreementOf('max-absolute-error', one, one)).toBe(0);
        expect(agreementOf('top-1', one, one)).toBe(1);
        expect(agreementOf('cosine', one, one)).toBeCloseTo(1, 9);
      }),
    );
  });
});

describe('tensorValues', () => {
  it('reads every half as the language does', () => {
    for (let bits = 0; bits < 65_536; bits += 1) {
      const sign = bits & 0x8000 ? -1 : 1;
      const exponent = (bits >> 10) & 31;
      const expected =
        exponent === 31
          ? bits & 1023
            ? Number.NaN
            : sign * Infinity
          : sign * (exponent === 0 ? (bits & 1023) / 2 ** 24 : (1024 + (bits & 1023)) * 2 ** (exponent - 25));
      if (!Object.is(halfToNumber(bits), expected)) throw new Error(`${bits}: ${halfToNumber(bits)}`);
    }
  });

  it('reads bfloat16 and booleans', () => {
    expect([...(tensorValues(tensor(Uint16Array.of(0x3fc0), [1], 'BF16')) ?? [])]).toEqual([1.5]);
    expect([...(tensorValues(tensor(Uint8Array.of(1, 0), [2], 'BOOL')) ?? [])]).toEqual([1, 0]);
  });
});
