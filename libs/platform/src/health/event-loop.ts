import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 20;
const NANOSECONDS_PER_MS = 1e6;

/** How late this thread's timers fire: what other requests feel while one computes. */
export interface EventLoopMonitor extends Disposable {
  /** Worst and mean delay in milliseconds since the last call. */
  take(): { readonly maxMs: number; readonly meanMs: number };
}

export function watchEventLoop(): EventLoopMonitor {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  const delay = (nanoseconds: number): number =>
    Number.isFinite(nanoseconds) ? Math.max(0, nanoseconds / NANOSECONDS_PER_MS - RESOLUTION_MS) : 0;
  return {
    take() {
      const taken = { maxMs: delay(histogram.max), meanMs: delay(histogram.mean) };
      histogram.reset();
      return taken;
    },
    [Symbol.dispose]: () => void histogram.disable(),
  };
}
