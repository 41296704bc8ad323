import { availableParallelism } from 'node:os';
import type { Row } from '../harness/benchmark.js';
import { type Sample, toRow } from '../harness/rounds.js';
import type { Contest, Measure } from './contest.js';
import { durationTable, type Grid } from './duration-table.js';
import type { Plan } from './plan.js';
import { leastMachineMs } from './policies/offline-optimum.js';
import {
  type DurationTable,
  fifo,
  type FifoPolicy,
  oneByOne,
  percentile,
  replayBatcher,
  replayFifo,
  tokenBudget,
} from './policies/simulate.js';
import { backlog, burstArrivals, poissonArrivals, type Trace } from './policies/trace.js';
import { POLICY_GOALS } from './real-policies.js';
import { lengthsOf } from './traces.js';

/** Of the manifest in model-files.ts. */
const LIMITS = { maxBatchItems: 64, maxBatchCost: 4_096 } as const;
/** What the engine runs when it loads a model with these shape buckets. */
const WARM_UP = [16, 32, 64, 128, 256].flatMap((length) =>
  [1, 2, 8].map((items) => [items, length] as const),
);
/** Default of Text Embeddings Inference. */
const TEI_TOKENS = 16_384;
const SEED = 31;
/** One worker for each core, as the engine has them. */
const INSTANCES = availableParallelism();
const BURST = 32;
/** Of what the workers answer one by one. */
const LOAD = 0.8;

const RIVALS: Readonly<Record<string, FifoPolicy>> = {
  'one-by-one': oneByOne,
  'fifo-8': fifo(8),
  'fifo-32': fifo(32),
  [`TEI's rule, ${TEI_TOKENS} tokens`]: tokenBudget(TEI_TOKENS),
};
const OPTIMUM = 'offline optimum';
const OPTIMUM_GOAL = 0.95;
/** Ends of a trace differ by rounding. */
const NEVER_BELOW = 0.999;
const ADDED_WAIT_GOAL_MS = 5;

/**
 * The real batcher on simulated time, over run times that were measured on these workers a moment ago, in
 * time on the processor: what a policy is worth without what else the machine does. Measured anew in each
 * round.
 */
export const replayedPolicies: Measure = async ({ ours }, plan, options) => {
  const { precision } = ours.opening;
  const rounds: ReadonlyMap<string, Sample>[] = [];
  for (let round = 1; round <= options.rounds; round += 1) {
    options.progress(`${precision}: timing runs and replaying traces, round ${round} of ${options.rounds}`);
    rounds.push(await replayAll(await measureDurations(ours, plan), plan));
  }
  const traces = [...(rounds[0]?.keys() ?? [])];
  return traces.flatMap((trace) =>
    rowsOf(
      precision,
      trace,
      rounds.map((samples) => samples.get(trace) ?? {}),
    ),
  );
};

async function measureDurations(ours: Contest['ours'], { timing }: Plan): Promise<DurationTable> {
  const shapes = timing.items.flatMap((items) => timing.lengths.map((tokens) => ({ items, tokens })));
  const { ms } = await ours.time({ kind: 'timing', shapes, repeats: timing.repeats });
  return durationTable({ ...timing, ms } satisfies Grid);
}

async function replayAll(
  durationOf: DurationTable,
  { replayedRequests: count }: Plan,
): Promise<ReadonlyMap<string, Sample>> {
  const mixed = lengthsOf('mixed', count, SEED);
  const rate =
    LOAD * replayFifo('', oneByOne, backlog(mixed), { durationOf, instances: INSTANCES }).perSecond;
  const traces: Readonly<Record<string, Trace>> = {
    'mixed, all at once': backlog(mixed),
    '16 tokens, all at once': backlog(lengthsOf('equal-16', count, SEED)),
    '128 tokens, all at once': backlog(lengthsOf('equal-128', count, SEED)),
    [`mixed, Poisson at ${LOAD * 100} %`]: poissonArrivals(mixed, rate, SEED),
    [`mixed, bursts at ${LOAD * 100} %`]: burstArrivals(mixed, rate, BURST),
  };
  const samples = new Map<string, Sample>();
  for (const [name, trace] of Object.entries(traces)) samples.set(name, await replay(trace, durationOf));
  return samples;
}

async function replay(trace: Trace, durationOf: DurationTable): Promise<Sample> {
  const options = { durationOf, instances: INSTANCES };
  const ours = await replayBatcher(trace, { ...options, limits: LIMITS, warmUp: WARM_UP });
  const sample: Record<string, number> = { ours: ours.perSecond };
  for (const [name, policy] of Object.entries(RIVALS)) {
    sample[name] = replayFifo(name, policy, trace, options).perSecond;
  }
  const single = replayFifo('', oneByOne, trace, options);
  sample['added'] = percentile(ours.waits, 99) - percentile(single.waits, 99);
  if (trace.every(({ atMs }) => atMs === 0)) {
    const lengths = trace.map(({ length }) => length);
    const leastMs = leastMachineMs(lengths, durationOf, LIMITS) / options.instances;
    sample[OPTIMUM] = (1_000 * trace.length) / leastMs;
  }
  return sample;
}

function rowsOf(precision: string, trace: string, samples: readonly Sample[]): Row[] {
  const metric = `${precision} replay: ${trace}`;
  const ours = samples.map((sample) => ({ rate: sample['ours'] ?? Number.NaN }));
  const against = (name: string, goal?: number): Row =>
    toRow({
      metric,
      unit: '1/s',
      better: 'higher',
      key: 'rate',
      ours,
      peer: { name, samples: samples.map((sample) => ({ rate: sample[name] ?? Number.NaN })) },
      ...(goal === undefined ? {} : { goal }),
    });
  const isBacklog = samples.every((sample) => OPTIMUM in sample);
  if (!isBacklog) {
    return [
      against('one-by-one', NEVER_BELOW),
      toRow({
        metric: `${metric}, p99 of the wait, added to one by one`,
        unit: 'ms',
        better: 'lower',
        key: 'added',
        ours: samples,
        goal: ADDED_WAIT_GOAL_MS,
      }),
    ];
  }
  const isMixed = trace.startsWith('mixed');
  const goals: Readonly<Record<string, number>> = isMixed ? POLICY_GOALS : {};
  return [
    ...Object.keys(RIVALS).map((name) => against(name, name === 'one-by-one' ? NEVER_BELOW : goals[name])),
    against(OPTIMUM, OPTIMUM_GOAL),
  ];
}
