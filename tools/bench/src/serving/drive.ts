import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { quantile } from '../harness/rounds.js';
import { residentMemory } from './processes.js';
import type { ClosedLoop, Figures, Load, OpenLoop } from './protocol.js';

/** Runs a request of so many tokens; answers how many shared its run. */
export type Send = (tokens: number) => Promise<number>;

interface Outcome {
  readonly latencies: readonly number[];
  readonly batches: readonly number[];
  readonly elapsedMs: number;
}

/** Finer than any delay that matters, coarse enough to cost nothing. */
const LOOP_RESOLUTION_MS = 1;
const SETTLE_MS = 5;
const NS_PER_MS = 1e6;
const MIB = 2 ** 20;

/** Puts the load on and looks at this process's event loop meanwhile. */
export async function measureLoad(send: Send, load: Load): Promise<Figures> {
  const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
  loop.enable();
  const outcome = await (load.kind === 'closed' ? closedLoop(send, load) : openLoop(send, load));
  await sleep(SETTLE_MS); // a loop that was blocked to the end has not yet told of it
  loop.disable();
  return figuresOf(outcome, loop, await residentMemory(process.pid));
}

/** Latencies run from the moment of sending. */
export async function closedLoop(send: Send, { inFlight, lengths, seconds }: ClosedLoop): Promise<Outcome> {
  const latencies: number[] = [];
  const batches: number[] = [];
  const startedAt = performance.now();
  let next = 0;
  const client = async (): Promise<void> => {
    for (;;) {
      const sentAt = performance.now();
      if (sentAt - startedAt >= seconds * 1_000) return;
      batches.push(await send(lengths[next++ % lengths.length] ?? 1));
      latencies.push(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, client));
  return { latencies, batches, elapsedMs: performance.now() - startedAt };
}

/**
 * Latencies run from the moment at which the trace has the request come, however late this process got
 * round to sending it: time that a blocked process owes its callers is counted.
 */
export async function openLoop(send: Send, { arrivals }: OpenLoop): Promise<Outcome> {
  const latencies: number[] = [];
  const batches: number[] = [];
  const pending: Promise<void>[] = [];
  const startedAt = performance.now();
  for (const { atMs, length } of arrivals) {
    const dueAt = startedAt + atMs;
    const early = dueAt - performance.now();
    if (early > 0) await sleep(early);
    const answered = send(length).then((batch) => {
      latencies.push(performance.now() - dueAt);
      batches.push(batch);
    });
    pending.push(answered);
  }
  await Promise.all(pending);
  return { latencies, batches, elapsedMs: performance.now() - startedAt };
}

function figuresOf(
  { latencies, batches, elapsedMs }: Outcome,
  loop: ReturnType<typeof monitorEventLoopDelay>,
  memoryBytes: number,
): Figures {
  return {
    rate: (1_000 * latencies.length) / elapsedMs,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    // Every member of a batch tells its size, so that many tell of a large one: each counts for its share.
    batch: batches.length / batches.reduce((sum, size) => sum + 1 / size, 0),
    loopMax: loop.max / NS_PER_MS,
    loopP99: loop.percentile(99) / NS_PER_MS,
    memory: memoryBytes / MIB,
  };
}
