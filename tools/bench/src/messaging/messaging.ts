import type { Benchmark } from '../harness/benchmark.js';

export const messaging: Benchmark = {
  name: 'messaging',
  description: 'Calls, streams and blobs against the bare NATS client and the NATS transport of Nest',
  run: () => Promise.resolve([]),
};
