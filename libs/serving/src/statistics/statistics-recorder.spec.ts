import { ModelStatistics } from '@trivium/contracts/inference';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StatisticsRecorder } from './statistics-recorder.js';

describe('StatisticsRecorder', () => {
  it("keeps Triton's algebra: the mean batch is inferences over executions", () => {
    const recorder = new StatisticsRecorder({
      model: 'mini',
      version: '1',
      epochMs: () => 42,
      pending: () => 3,
    });
    recorder.executed({ batchSize: 3, computeInferMs: 5, releaseReason: 'full' });
    recorder.answered({ items: 1, totalMs: 7, queueMs: 2, computeInferMs: 5 });
    recorder.answered({ items: 2, totalMs: 8, queueMs: 3, computeInferMs: 5 });
    recorder.cacheHit(0.5, 0.1);
    recorder.failed(1);

    expect(recorder.snapshot()).toMatchObject({
      lastInferenceMs: 42,
      inferenceCount: 3,
      executionCount: 1,
      pending: 3,
      releaseReasons: { full: 1 },
      inferenceStats: {
        success: { count: 3, ns: 15_500_000 },
        fail: { count: 1, ns: 1_000_000 },
        queue: { count: 2, ns: 5_000_000 },
        cacheHit: { count: 1, ns: 100_000 },
      },
      batchStats: [{ batchSize: 3, computeInfer: { count: 1, ns: 5_000_000 } }],
    });
  });

  it('stays small, sound and complete whatever sizes come', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 4_096 }), { maxLength: 300 }), (sizes) => {
        const recorder = new StatisticsRecorder({ model: 'mini', version: '1' });
        for (const batchSize of sizes)
          recorder.executed({ batchSize, computeInferMs: 1, releaseReason: `${batchSize}` });
        const { batchStats, releaseReasons, executionCount } = ModelStatistics.parse(recorder.snapshot());
        expect(batchStats.length).toBeLessThanOrEqual(64 + 13);
        expect(Object.keys(releaseReasons).length).toBeLessThanOrEqual(33);
        expect(executionCount).toBe(sizes.length);
        expect(batchStats.reduce((sum, { computeInfer }) => sum + computeInfer.count, 0)).toBe(sizes.length);
      }),
    );
  });
});
