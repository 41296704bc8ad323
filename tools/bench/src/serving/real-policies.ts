import { runRounds, toRow } from '../harness/rounds.js';
import type { Measure } from './contest.js';
import type { OpenLoop, Policy } from './protocol.js';
import { poissonArrivals } from './policies/trace.js';
import { lengthsOf } from './traces.js';

/** Of the requests per second of each way to form batches, on one trace that comes faster than they can be answered. */
export const POLICY_GOALS = { 'one-by-one': 1, 'fifo-8': 2.2, 'fifo-32': 3.8 } as const;
/** Of our capacity. */
const OVERLOAD = 4;
const SEED = 31;

/** The same workers with the same requests, and nothing but who decides on the batches changed. */
export const realPolicies: Measure = async ({ ours, capacity }, plan, options) => {
  const title = `${ours.opening.precision} mixed trace`;
  const lengths = lengthsOf('mixed', Math.max(8, Math.round(capacity * plan.openSeconds)), SEED);
  const trace: OpenLoop = { kind: 'open', arrivals: poissonArrivals(lengths, OVERLOAD * capacity, SEED) };
  const policies: readonly Policy[] = ['trivium', 'one-by-one', 'fifo-8', 'fifo-32'];
  const entries = policies.map((policy) => [policy, () => ours.measure({ ...trace, policy })] as const);
  const progress = (text: string): void => options.progress(`${title}: ${text}`);
  const samples = await runRounds(Object.fromEntries(entries), { ...options, progress });
  return Object.entries(POLICY_GOALS).map(([policy, goal]) =>
    toRow({
      metric: title,
      unit: '1/s',
      better: 'higher',
      key: 'rate',
      ours: samples['trivium'] ?? [],
      peer: { name: `${policy} on the same workers`, samples: samples[policy] ?? [] },
      goal,
    }),
  );
};
