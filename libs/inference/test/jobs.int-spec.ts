import { type NatsProcess, startNats } from '@trivium/local-servers';
import { connectMessaging, type Messaging } from '@trivium/messaging';
import { createLogger, setLogLevel } from '@trivium/telemetry';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Jobs } from '../src/jobs/jobs.js';
import type { JobWork } from '../src/jobs/job-run.js';

const DAY_MS = 24 * 3_600_000;

let nats: NatsProcess;
let connections: Messaging[];

beforeEach(async () => {
  setLogLevel('fatal');
  nats = await startNats();
  connections = [];
});
afterEach(async () => {
  for (const connection of connections) await connection[Symbol.asyncDispose]();
  await nats.stop();
});

/** A process of the service, with a connection of its own. */
async function replica(): Promise<Jobs> {
  const messaging = await connectMessaging({ name: 'jobs', servers: nats.url, logger: createLogger('jobs') });
  connections.push(messaging);
  const records = messaging.records('model-jobs', { ttlMs: DAY_MS });
  return new Jobs({ service: 'text-inference', records, beatMs: 50, leaseMs: 2_000 });
}

const untilStopped = ({ signal }: JobWork) =>
  new Promise<undefined>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error));
  });

it('a job is seen, and cancelled, by a replica that does not do it', async () => {
  await using here = await replica();
  await using there = await replica();
  const { jobId } = await here.start({
    kind: 'pull',
    model: 'minilm',
    purpose: 'pull minilm',
    body: (work) => {
      work.report(0.25, '22 of 90 MB');
      return untilStopped(work);
    },
  });
  await vi.waitFor(async () => expect(await there.get(jobId)).toMatchObject({ progress: 0.25 }));
  const same = await there.start({
    kind: 'pull',
    model: 'minilm',
    purpose: 'pull minilm',
    body: untilStopped,
  });
  await there.cancel(jobId);
  await vi.waitFor(async () => expect(await there.get(jobId)).toMatchObject({ state: 'cancelled' }));

  expect(same.jobId).toBe(jobId);
  expect(await here.list()).toMatchObject([{ jobId, state: 'cancelled', model: 'minilm' }]);
});

it('a job of a process that died is seen as failed, by what the others know alone', async () => {
  const dead = await replica();
  await using alive = await replica();
  const { jobId } = await dead.start({ kind: 'pull', model: 'm', purpose: 'pull m', body: untilStopped });
  // Its connection ends, and with it all signs of life.
  await connections[0]?.[Symbol.asyncDispose]();
  await vi.waitFor(
    async () =>
      expect(await alive.get(jobId)).toMatchObject({ state: 'failed', error: { code: 'unavailable' } }),
    10_000,
  );
  await dead[Symbol.asyncDispose]();
});
