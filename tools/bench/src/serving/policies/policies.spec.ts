import { describe, expect, it } from 'vitest';
import { leastMachineMs, optimumPerSecond } from './offline-optimum.js';
import {
  type DurationTable,
  fifo,
  oneByOne,
  percentile,
  replayBatcher,
  replayFifo,
  tokenBudget,
} from './simulate.js';
import { backlog, burstArrivals, lognormalLengths, poissonArrivals } from './trace.js';

/** A 6-layer encoder on a core, fp32: compute-bound, so that padding costs all of itself. */
const encoder: DurationTable = (items, longest) => 0.3 + items * longest * 0.22 + items * longest ** 2 * 5e-5;
/** A device: the call costs, items hardly do. */
const device: DurationTable = (items, longest) => 4 + items * longest * 0.002;

const LIMITS = { maxBatchItems: 32, maxBatchCost: 4_096 };
const WARM_UP = [1, 2, 4, 8, 16].flatMap((items) =>
  [16, 64, 256].map((longest) => [items, longest] as const),
);
const mixed = lognormalLengths(2_000, { mean: 40, max: 256, sigma: 0.8 }, 7);

describe('policies on a trace of mixed lengths', () => {
  it.each([1, 2])(
    'the batcher reaches its goals against the usual rules on %i instances',
    async (instances) => {
      const options = { durationOf: encoder, instances };
      const trace = backlog(mixed);

      const ours = await replayBatcher(trace, { ...options, limits: LIMITS, warmUp: WARM_UP });

      const rate = (policy: Parameters<typeof replayFifo>[1]): number =>
        replayFifo('', policy, trace, options).perSecond;
      expect(ours.answered).toBe(mixed.length);
      expect(ours.perSecond).toBeGreaterThanOrEqual(rate(oneByOne));
      expect(ours.perSecond).toBeGreaterThanOrEqual(2.2 * rate(fifo(8)));
      expect(ours.perSecond).toBeGreaterThanOrEqual(3.8 * rate(fifo(32)));
      expect(ours.perSecond).toBeGreaterThanOrEqual(2 * rate(tokenBudget(16_384)));
      expect(ours.perSecond).toBeGreaterThanOrEqual(
        0.95 * optimumPerSecond(mixed, encoder, LIMITS, instances),
      );
    },
  );

  it('on a device it fills batches as well as the usual rules do', async () => {
    const options = { durationOf: device, instances: 1 };

    const ours = await replayBatcher(backlog(mixed), { ...options, limits: LIMITS, warmUp: WARM_UP });

    expect(ours.perSecond).toBeGreaterThanOrEqual(
      replayFifo('', fifo(32), backlog(mixed), options).perSecond,
    );
    expect(ours.perSecond).toBeGreaterThanOrEqual(0.9 * optimumPerSecond(mixed, device, LIMITS, 1));
  });

  it('adds no more than 5 ms of wait over one by one, at the 99th percentile', async () => {
    const options = { durationOf: encoder, instances: 2 };
    for (const trace of [poissonArrivals(mixed, 150, 3), burstArrivals(mixed, 100, 8)]) {
      const ours = await replayBatcher(trace, { ...options, limits: LIMITS, warmUp: WARM_UP });
      const single = replayFifo('', oneByOne, trace, options);

      expect(percentile(ours.waits, 99)).toBeLessThanOrEqual(percentile(single.waits, 99) + 5);
      expect(percentile(ours.latencies, 99)).toBeLessThanOrEqual(percentile(single.latencies, 99) + 5);
    }
  });
});

describe('leastMachineMs', () => {
  it('is never more than any way to run them', () => {
    const lengths = [5, 9, 1, 30, 8, 8];
    const least = leastMachineMs(lengths, device, LIMITS);

    expect(least).toBe(device(6, 30));
    expect(leastMachineMs(lengths, encoder, LIMITS)).toBeLessThanOrEqual(
      lengths.reduce((sum, length) => sum + encoder(1, length), 0),
    );
  });
});
