import { describe, expect, it, vi } from 'vitest';
import { closedLoop, openLoop } from './drive.js';

describe('closedLoop', () => {
  it('keeps so many under way, with the lengths in turn', async () => {
    const sent: number[] = [];
    let [running, most] = [0, 0];
    const send = async (tokens: number): Promise<number> => {
      sent.push(tokens);
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      return 2;
    };

    const { latencies, batches } = await closedLoop(send, {
      kind: 'closed',
      inFlight: 3,
      lengths: [10, 20, 30, 40],
      seconds: 0.02,
    });

    expect(most).toBe(3);
    expect(sent.slice(0, 6)).toEqual([10, 20, 30, 40, 10, 20]);
    expect(latencies).toHaveLength(sent.length);
    expect(batches.every((size) => size === 2)).toBe(true);
  });
});

describe('openLoop', () => {
  it('counts from the moment of the trace, not from that of sending', async () => {
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const send = (): Promise<number> => {
      now += 100; // the process is blocked meanwhile, so that the second is sent late
      return Promise.resolve(1);
    };

    const { latencies } = await openLoop(send, {
      kind: 'open',
      arrivals: [
        { atMs: 0, length: 1 },
        { atMs: 0, length: 1 },
      ],
    });
    vi.restoreAllMocks();

    expect(latencies).toEqual([200, 200]);
  });
});
