import type { Benchmark, BenchmarkOptions, Row } from '../harness/benchmark.js';
import { runRounds, toRow } from '../harness/rounds.js';
import { measureLoad, type Request } from './load.js';
import { startBare, startGateway } from './servers.js';

const BARE = 'bare Fastify';
/** Of the requests per second of bare Fastify. Refusals have none: the peer does not judge what it gets. */
const GOAL = 0.85;
const KEY = 'sk-trivium-local-key-of-the-bench';
const BODY_BYTES = 1_024;

/** None needs another service, so what is measured is the way in and out. */
const REQUESTS: Readonly<Record<string, Request>> = {
  'GET of a model': {
    method: 'GET',
    path: '/v1/models/trivium',
    headers: { authorization: `Bearer ${KEY}` },
  },
  'POST of 1 kB, refused by its schema': {
    method: 'POST',
    path: '/v1/chat/completions',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: refusedBody(),
  },
};

export const gateway: Benchmark = {
  name: 'gateway',
  description: `Key check, limit, trace id, metrics and schemas against ${BARE} that sends the same bytes`,
  async run(options) {
    await using ours = await startGateway(KEY);
    const rows: Row[] = [];
    for (const [name, request] of Object.entries(REQUESTS)) {
      rows.push(...(await compare(name, request, ours.url, options)));
    }
    return rows;
  },
};

async function compare(
  name: string,
  request: Request,
  url: string,
  options: BenchmarkOptions,
): Promise<Row[]> {
  const { method, path, headers, body = null } = request;
  await using bare = await startBare(method, path, await fetch(url + path, { method, headers, body }));
  const samples = await runRounds(
    {
      [`${name}: trivium`]: () => measureLoad(url, request),
      [`${name}: ${BARE}`]: () => measureLoad(bare.url, request),
    },
    options,
  );
  const [oursSamples = [], peerSamples = []] = Object.values(samples);
  const common = { ours: oursSamples, peer: { name: BARE, samples: peerSamples } };
  return [
    toRow({
      ...common,
      metric: name,
      unit: '1/s',
      better: 'higher',
      key: 'rate',
      ...(method === 'GET' && { goal: GOAL }),
    }),
    toRow({ ...common, metric: `${name}, p99`, unit: 'ms', better: 'lower', key: 'p99' }),
  ];
}

function refusedBody(): string {
  const bodyWith = (content: string): string =>
    JSON.stringify({ model: 'trivium', messages: [{ role: 'user', content }], best_of: 2 });
  return bodyWith('x'.repeat(BODY_BYTES - bodyWith('').length));
}
