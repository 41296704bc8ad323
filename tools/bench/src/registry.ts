import type { Benchmark } from './harness/benchmark.js';

/** Every benchmark by its name; loaded when it is run, so that one's peers never slow another down. */
export const BENCHMARKS: Readonly<Record<string, () => Promise<Benchmark>>> = {
  documents: async () => (await import('./documents/documents.js')).documents,
  gateway: async () => (await import('./gateway/gateway.js')).gateway,
  messaging: async () => (await import('./messaging/messaging.js')).messaging,
  reading: async () => (await import('./reading/reading.js')).reading,
  serving: async () => (await import('./serving/serving.js')).serving,
  text: async () => (await import('./text/text.js')).text,
};
