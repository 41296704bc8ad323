import { measureServing, SMOKE } from '../dist/serving/serving.js';
import { expect, it } from 'vitest';

it('measures every load of every contender, and every way to form batches', async () => {
  const rows = await measureServing(SMOKE, { rounds: 1, progress: () => undefined });

  const metrics = rows.map(({ metric, peer }) => `${metric} | ${peer?.name ?? ''}`);
  expect(metrics).toEqual(
    expect.arrayContaining([
      'fp32 mixed, 4 in flight | onnxruntime-node',
      'fp32 equal-128, 4 in flight, p99 | onnxruntime-node',
      'fp32 mixed, 4 in flight, event loop delay, max | ',
      'fp32 mixed, 4 in flight, memory with workers | onnxruntime-node',
      'fp32 mixed, Poisson at 50 %, p99 | onnxruntime-node',
      'fp32 mixed, bursts at 50 %, p50 | onnxruntime-node',
      'fp32 mixed trace | fifo-32 on the same workers',
      'fp32 replay: mixed, all at once | offline optimum',
      'our session around a run of a tiny model adds, p50 | ',
      'fp32 decoding, 8 sequences step by step | one sequence',
    ]),
  );
  const figures = rows.flatMap(({ metric, ours, peer, spread }) => [
    [metric, ours],
    [metric, peer?.value ?? 0],
    [metric, spread],
  ]);
  expect(figures.filter(([, value]) => !Number.isFinite(value))).toEqual([]);
});
