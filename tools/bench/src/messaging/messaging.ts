import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { startNats } from '@trivium/local-servers';
import type { Benchmark, BenchmarkOptions, Row } from '../harness/benchmark.js';
import { runRounds, type Sample, toRow } from '../harness/rounds.js';
import { bareBlobs, measureBlobs, triviumBlobs } from './blobs.js';
import { bareCaller, measureCalls, measureStream, nestCaller, triviumCaller } from './calls.js';
import type { ServerName } from './server-process.js';

const BARE = 'bare client';
const NEST = 'Nest NATS transport';
/** Of the peer's rate; of its latency the inverse. */
const GOAL = { bare: 0.95, nest: 1.15 } as const;

export const messaging: Benchmark = {
  name: 'messaging',
  description: 'Calls, streams and blobs against the bare NATS client and the NATS transport of Nest',
  async run(options) {
    await using nats = await startNats();
    await using stack = new AsyncDisposableStack();
    for (const name of ['trivium', 'bare', 'nest'] as const) {
      stack.adopt(await startServer(name, nats.url), async (server) => stopServer(server));
    }
    return [
      ...(await calls(nats.url, 64, options)),
      ...(await calls(nats.url, 1, options)),
      ...(await streams(nats.url, options)),
      ...(await blobs(nats.url, 1, options)),
      ...(await blobs(nats.url, 10, options)),
    ];
  },
};

async function startServer(name: ServerName, servers: string): Promise<ChildProcess> {
  const server = fork(new URL('server-process.js', import.meta.url), [name, servers]);
  await once(server, 'message');
  return server;
}

async function stopServer(server: ChildProcess): Promise<void> {
  const exited = once(server, 'exit');
  server.kill('SIGKILL');
  await exited;
}

async function calls(servers: string, inFlight: number, options: BenchmarkOptions): Promise<Row[]> {
  await using trivium = await triviumCaller(servers);
  await using bare = await bareCaller(servers);
  await using nest = await nestCaller(servers);
  const samples = await runRounds(
    {
      [`calls, ${inFlight} in flight: trivium`]: () => measureCalls(trivium, inFlight),
      [`calls, ${inFlight} in flight: ${BARE}`]: () => measureCalls(bare, inFlight),
      [`calls, ${inFlight} in flight: ${NEST}`]: () => measureCalls(nest, inFlight),
    },
    options,
  );
  const [ours = [], bareSamples = [], nestSamples = []] = Object.values<readonly Sample[]>(samples);
  const against = (name: string, peer: readonly Sample[], goal: number): Row[] => [
    toRow({
      metric: `calls, ${inFlight} in flight`,
      unit: '1/s',
      better: 'higher',
      key: 'rate',
      ours,
      peer: { name, samples: peer },
      goal,
    }),
    ...['p50', 'p99'].map((key) =>
      toRow({
        metric: `call ${key}, ${inFlight} in flight`,
        unit: 'ms',
        better: 'lower',
        key,
        ours,
        peer: { name, samples: peer },
        goal: Math.round(100 / goal) / 100,
      }),
    ),
  ];
  return [...against(BARE, bareSamples, GOAL.bare), ...against(NEST, nestSamples, GOAL.nest)];
}

async function streams(servers: string, options: BenchmarkOptions): Promise<Row[]> {
  await using trivium = await triviumCaller(servers);
  await using nest = await nestCaller(servers);
  const samples = await runRounds(
    { 'stream: trivium': () => measureStream(trivium), 'stream: nest': () => measureStream(nest) },
    options,
  );
  return [
    toRow({
      metric: 'stream parts',
      unit: '1/s',
      better: 'higher',
      key: 'rate',
      ours: samples['stream: trivium'],
      peer: { name: `${NEST}, observable`, samples: samples['stream: nest'] },
      goal: GOAL.nest,
    }),
  ];
}

async function blobs(servers: string, megabytes: number, options: BenchmarkOptions): Promise<Row[]> {
  await using trivium = await triviumBlobs(servers);
  await using bare = await bareBlobs(servers);
  const samples = await runRounds(
    {
      'blobs: trivium': () => measureBlobs(trivium, megabytes),
      'blobs: bare': () => measureBlobs(bare, megabytes),
    },
    options,
  );
  return [
    toRow({
      metric: `blobs of ${megabytes} MB, written and read`,
      unit: '1/s',
      better: 'higher',
      key: 'rate',
      ours: samples['blobs: trivium'],
      peer: { name: 'bare object store', samples: samples['blobs: bare'] },
      goal: GOAL.bare,
    }),
  ];
}
