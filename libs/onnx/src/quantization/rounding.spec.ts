import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { halfPrecision, roundBlocks, roundColumns, roundRows, transpose } from './rounding.js';

const matrix = fc
  .record({ rows: fc.integer({ min: 1, max: 70 }), columns: fc.integer({ min: 1, max: 5 }) })
  .chain(({ rows, columns }) =>
    fc.record({
      rows: fc.constant(rows),
      columns: fc.constant(columns),
      weights: fc
        .array(fc.float({ min: -100, max: 100, noNaN: true }), {
          minLength: rows * columns,
          maxLength: rows * columns,
        })
        .map((values) => Float32Array.from(values)),
    }),
  );

describe('int8', () => {
  it('is never further off than half a step of its column', () => {
    fc.assert(
      fc.property(matrix, ({ columns, weights }) => {
        const { values, scales } = roundColumns(weights, columns);

        weights.forEach((weight, index) => {
          const scale = scales[index % columns] ?? 0;
          expect(Math.abs(weight - (values[index] ?? 0) * scale)).toBeLessThanOrEqual(scale * 0.5001);
        });
      }),
    );
  });

  it('is the same by rows as by columns of the transpose', () => {
    fc.assert(
      fc.property(matrix, ({ rows, columns, weights }) => {
        const byRows = roundRows(weights, rows);
        const byColumns = roundColumns(transpose(weights, rows, columns), rows);

        expect(byRows.scales).toEqual(byColumns.scales);
        expect(transpose(Float32Array.from(byRows.values), rows, columns)).toEqual(
          Float32Array.from(byColumns.values),
        );
      }),
    );
  });

  it('uses 127 steps to either side and survives columns of zeros', () => {
    const { values, scales } = roundColumns(Float32Array.of(0, -2, 0, 1), 2);

    expect([...values]).toEqual([0, -127, 0, 64]);
    expect(scales).toEqual(Float32Array.of(1, 2 / 127));
  });
});

describe('int4', () => {
  it.each([true, false])('is never further off than a step of its block, symmetric: %s', (isSymmetric) => {
    fc.assert(
      fc.property(matrix, ({ rows, columns, weights }) => {
        const { values, scales, zeroPoints } = roundBlocks(weights, rows, columns, 32, isSymmetric);
        const blocks = Math.ceil(rows / 32);
        const half = (bytes: Uint8Array, place: number): number =>
          ((bytes[place >> 1] ?? 0) >> (place % 2 === 0 ? 0 : 4)) & 15;

        weights.forEach((weight, index) => {
          const [row, column] = [Math.floor(index / columns), index % columns];
          const block = Math.floor(row / 32);
          const scale = scales[column * blocks + block] ?? 0;
          const zero =
            zeroPoints === undefined ? 8 : half(zeroPoints, column * Math.ceil(blocks / 2) * 2 + block);
          const restored = (half(values, (column * blocks + block) * 32 + (row % 32)) - zero) * scale;
          expect(Math.abs(weight - restored)).toBeLessThanOrEqual(Math.abs(scale) * 1.0001);
        });
      }),
    );
  });
});

describe('fp16', () => {
  it('keeps signs and stays within its range', () => {
    const halves = halfPrecision(Float32Array.of(1e6, -1e6, 1e-10, -1e-10, 0, 0.1, Number.NaN));

    expect([...halves]).toEqual([65_504, -65_504, 2 ** -24, -(2 ** -24), 0, 0.0999755859375, Number.NaN]);
  });
});
