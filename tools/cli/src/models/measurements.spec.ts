import { expect, it } from 'vitest';
import { describeOperators, describeQuantization } from './measurements.js';

const pair = (reference: number, variant: number) => ({ reference, variant, ratio: variant / reference });
const measured = {
  fileBytes: pair(90_000_000, 23_000_000),
  loadBytes: pair(200_000_000, 100_000_000),
  runBytes: pair(10_000_000, 10_000_000),
  p50Ms: pair(12, 5),
  metric: 'cosine',
  agreement: { mean: 0.99981234, worst: 0.999, samples: 16 },
  threshold: 0.98,
  passed: true,
  published: true,
  version: '2',
};

it('sets a variant beside the weights it was made from', () => {
  expect(describeQuantization('words@int8', measured)).toEqual([
    'MEASURED         FP32     VARIANT  RATIO',
    'file             90.0 MB  23.0 MB  26 %',
    'memory loaded    200 MB   100 MB   50 %',
    'memory in a run  10.0 MB  10.0 MB  100 %',
    'p50 of a run     12.0 ms  5.0 ms   42 %',
    '',
    'agreement  cosine 0.999812, at worst 0.999000, of 16 inputs; needed: 0.98',
    'outcome    published in version 2; ask for words@int8',
  ]);
});

it('says when it was not good enough', () => {
  const lines = describeQuantization('words@int8', { ...measured, passed: false, published: false });

  expect(lines.at(-1)).toBe('outcome    agrees too little, not published');
});

it('shows as it is what it does not know', () => {
  expect(describeQuantization('words@int8', { gain: 2 })).toEqual(['words@int8:', 'MEASURED', 'gain      2']);
});

it('shows operators with their units', () => {
  expect(
    describeOperators([{ operator: 'MatMul', nodes: 14, totalMs: 56.9, meanMs: 0.004, share: 0.184 }]),
  ).toEqual(['OPERATOR  NODES  ALL RUNS  ONE NODE  SHARE', 'MatMul    14     56.9 ms   4 µs      18.4 %']);
});
