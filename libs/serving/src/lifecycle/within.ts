import type { Clock } from '../clock/clock.js';

/** False when the time is over first. Rejects as the promise does, or with the signal's reason. */
export async function within(
  promise: Promise<unknown>,
  ms: number,
  clock: Clock,
  signal?: AbortSignal,
): Promise<boolean> {
  signal?.throwIfAborted();
  const { promise: over, resolve, reject } = Promise.withResolvers<boolean>();
  const leave = (): void => reject(signal?.reason);
  using _timer = Number.isFinite(ms) ? clock.after(ms, () => resolve(false)) : undefined;
  signal?.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([promise.then(() => true), over]);
  } finally {
    signal?.removeEventListener('abort', leave);
  }
}
