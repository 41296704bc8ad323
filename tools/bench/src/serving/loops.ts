import type { Row } from '../harness/benchmark.js';
import { type RowOptions, toRow } from '../harness/rounds.js';
import { BARE, type Contest, type Measure, OURS, type Samples } from './contest.js';
import type { OpenLoop } from './protocol.js';
import { burstArrivals, poissonArrivals } from './policies/trace.js';
import { type Lengths, lengthsOf } from './traces.js';

/** Requests per second with every core at work, of either peer's. */
const THROUGHPUT_GOAL = 1.9;
const LOOP_GOAL_MS = 10;
const SEED = 11;
const REQUESTS = 1_000;
const BURST_LOAD = 0.5;
const BURST = 32;

type Figure = Pick<RowOptions, 'key' | 'unit' | 'better'>;
const RATE: Figure = { key: 'rate', unit: '1/s', better: 'higher' };
const P50: Figure = { key: 'p50', unit: 'ms', better: 'lower' };
const P99: Figure = { key: 'p99', unit: 'ms', better: 'lower' };
const BATCH: Figure = { key: 'batch', unit: 'items', better: 'higher' };

/** So many clients that wait for their answers: mixed lengths in any number, equal lengths with every core at work. */
export const closedLoops: Measure = async (contest, plan, options) => {
  const rows: Row[] = [];
  const most = plan.inFlight.at(-1) ?? 1;
  const cases: (readonly [Lengths, number])[] = [
    ...plan.inFlight.map((inFlight) => ['mixed', inFlight] as const),
    ['equal-16', most],
    ['equal-128', most],
  ];
  for (const [kind, inFlight] of cases) {
    const title = `${contest.ours.opening.precision} ${kind}, ${inFlight} in flight`;
    const lengths = lengthsOf(kind, REQUESTS, SEED);
    const load = { kind: 'closed', inFlight, lengths, seconds: plan.closedSeconds } as const;
    const samples = await contest.run(title, load, options);
    const goal = inFlight === most ? { goal: THROUGHPUT_GOAL } : {};
    rows.push(
      ...contest.peers.map((peer) => against(samples, peer, title, RATE, goal)),
      against(samples, BARE, `${title}, p50`, P50),
      against(samples, BARE, `${title}, p99`, P99),
      alone(samples, `${title}, batch`, BATCH),
    );
    if (inFlight === most) rows.push(...serviceRows(contest, samples, title));
  }
  return rows;
};

/** Requests that come whether or not others have been answered, at shares of what we can answer. */
export const openLoops: Measure = async (contest, plan, options) => {
  const rows: Row[] = [];
  const { precision } = contest.ours.opening;
  const lengthsAt = (rate: number): readonly number[] =>
    lengthsOf('mixed', Math.max(8, Math.round(rate * plan.openSeconds)), SEED);
  const loads = plan.loads.map((share): readonly [string, OpenLoop] => {
    const rate = contest.capacity * share;
    return [
      `Poisson at ${share * 100} %`,
      { kind: 'open', arrivals: poissonArrivals(lengthsAt(rate), rate, SEED) },
    ];
  });
  const burstRate = contest.capacity * BURST_LOAD;
  const bursts: OpenLoop = { kind: 'open', arrivals: burstArrivals(lengthsAt(burstRate), burstRate, BURST) };
  for (const [name, load] of [...loads, [`bursts at ${BURST_LOAD * 100} %`, bursts] as const]) {
    const title = `${precision} mixed, ${name}`;
    const samples = await contest.run(title, load, options);
    rows.push(
      ...contest.peers.flatMap((peer) => [
        against(samples, peer, `${title}, p50`, P50),
        against(samples, peer, `${title}, p99`, P99),
      ]),
      alone(samples, `${title}, batch`, BATCH),
    );
  }
  return rows;
};

/** What the load costs the process that serves. */
function serviceRows(contest: Contest, samples: Samples, title: string): Row[] {
  return [
    alone(
      samples,
      `${title}, event loop delay, max`,
      { key: 'loopMax', unit: 'ms', better: 'lower' },
      LOOP_GOAL_MS,
    ),
    against(samples, BARE, `${title}, event loop delay, p99`, {
      key: 'loopP99',
      unit: 'ms',
      better: 'lower',
    }),
    ...contest.peers.map((peer) =>
      against(samples, peer, `${title}, memory with workers`, {
        key: 'memory',
        unit: 'MiB',
        better: 'lower',
      }),
    ),
  ];
}

function against(
  samples: Samples,
  peer: string,
  metric: string,
  figure: Figure,
  goal: { readonly goal?: number } = {},
): Row {
  const ours = samples[OURS] ?? [];
  return toRow({ metric, ...figure, ours, peer: { name: peer, samples: samples[peer] ?? [] }, ...goal });
}

function alone(samples: Samples, metric: string, figure: Figure, goal?: number): Row {
  return toRow({ metric, ...figure, ours: samples[OURS] ?? [], ...(goal === undefined ? {} : { goal }) });
}
