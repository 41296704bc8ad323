import { setTimeout as delay } from 'node:timers/promises';

/** Asks until the answer is as wanted, for at most a minute. */
export async function eventually(wanted: () => Promise<boolean>): Promise<void> {
  const limit = performance.now() + 60_000;
  while (!(await wanted().catch(() => false))) {
    if (performance.now() > limit) throw new Error(`Still not so after a minute: ${String(wanted)}`);
    await delay(100);
  }
}
