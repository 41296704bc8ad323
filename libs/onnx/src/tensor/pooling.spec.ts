import type { Tensor } from '@trivium/contracts/tensor';
import { describe, expect, it } from 'vitest';
import { pooled } from './pooling.js';
import type { TokenPooling } from './tensor-task.js';

const states = (values: readonly number[], shape: readonly number[]): Tensor => ({
  name: 'last_hidden_state',
  datatype: 'FP32',
  shape,
  data: new Uint8Array(Float32Array.from(values).buffer),
});
const maskOf = (...rows: number[][]): Tensor => ({
  name: 'attention_mask',
  datatype: 'INT64',
  shape: [rows.length, rows[0]?.length ?? 0],
  data: new Uint8Array(BigInt64Array.from(rows.flat().map(BigInt)).buffer),
});
const pool = (
  output: Tensor,
  mode: TokenPooling['mode'],
  inputs: readonly Tensor[] = [],
): Tensor | undefined =>
  pooled([output], { inputs, pooling: { output: 'last_hidden_state', mask: 'attention_mask', mode } })[0];
const valuesOf = (tensor: Tensor | undefined): number[] => [
  ...new Float32Array(Uint8Array.from(tensor?.data ?? []).buffer),
];

// Two items of three tokens of two channels; the second item's last token is padding.
const output = states([1, 2, 3, 4, 5, 12, /**/ -1, 1, -3, 5, 100, 100], [2, 3, 2]);
const mask = maskOf([1, 1, 1], [1, 1, 0]);

describe('pooled', () => {
  it.each<[TokenPooling['mode'], number[]]>([
    ['mean', [3, 6, -2, 3]],
    ['max', [5, 12, -1, 5]],
    ['cls', [1, 2, -1, 1]],
    ['last', [5, 12, -3, 5]],
  ])('%s leaves padding out', (mode, expected) => {
    const vectors = pool(output, mode, [mask]);

    expect(vectors).toMatchObject({ name: 'last_hidden_state', datatype: 'FP32', shape: [2, 2] });
    expect(valuesOf(vectors)).toEqual(expected);
  });

  it('counts every token where there is no mask', () => {
    expect(valuesOf(pool(output, 'mean'))[2]).toBeCloseTo(32);
  });

  it('gives zeros for an item that is all padding', () => {
    const nothing = maskOf([0, 0, 0], [0, 0, 0]);

    for (const mode of ['mean', 'max', 'last'] as const) {
      expect(valuesOf(pool(output, mode, [nothing]))).toEqual([0, 0, 0, 0]);
    }
  });

  it('reads half precision, and bytes that lie anywhere', () => {
    const halves = Float16Array.of(1, 2, 3, 4);
    const shifted = new Uint8Array(halves.byteLength + 1);
    shifted.set(new Uint8Array(halves.buffer), 1);
    const tensor: Tensor = { ...output, datatype: 'FP16', shape: [1, 2, 2], data: shifted.subarray(1) };

    expect(valuesOf(pool(tensor, 'mean'))).toEqual([2, 3]);
  });

  it('leaves other outputs and other tasks alone', () => {
    const other = { ...output, name: 'pooler_output' };

    expect(pool(other, 'mean')).toBe(other);
    expect(pooled([output], { inputs: [] })[0]).toBe(output);
  });

  it('says so when there is nothing to pool', () => {
    expect(() => pool(states([1, 2], [1, 2]), 'mean')).toThrow('[1, 2]');
  });
});
