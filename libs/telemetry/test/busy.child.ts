import { inSpan, renderMetrics, shutdownTelemetry } from '../dist/index.js';

/** Makes spans by the ten thousand while nobody takes them, and says what that cost. */
const SPANS = 100_000;
const makeSpans = async (): Promise<void> => {
  for (let made = 0; made < SPANS; made += 1)
    await inSpan('busy', 'work', { attributes: { made } }, () => undefined);
};

await makeSpans();
globalThis.gc?.();
const before = process.memoryUsage().heapUsed;
await makeSpans();
globalThis.gc?.();
const grownBytes = process.memoryUsage().heapUsed - before;
const metrics = await renderMetrics();
const startedAt = performance.now();
await shutdownTelemetry(2_000);
const leftAfterMs = performance.now() - startedAt;
process.send?.({ grownBytes, leftAfterMs, metrics });
process.disconnect();
