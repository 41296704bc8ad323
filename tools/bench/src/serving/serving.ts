import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark, BenchmarkOptions, Row } from '../harness/benchmark.js';
import { BARE, Contest, TRANSFORMERS } from './contest.js';
import { closedLoops, openLoops } from './loops.js';
import { writeModel } from './model-files.js';
import { installPeers } from './peer-packages.js';
import { FULL, type Plan } from './plan.js';
import { realPolicies } from './real-policies.js';
import { replayedPolicies } from './replayed-policies.js';
import { measureSolo } from './solo.js';

export { SMOKE } from './plan.js';

export const serving: Benchmark = {
  name: 'serving',
  description: `The engine over worker processes against ${BARE} and ${TRANSFORMERS} one by one, and batching policies`,
  defaultRounds: 3,
  run: (options) => measureServing(FULL, options),
};

export async function measureServing(plan: Plan, options: BenchmarkOptions): Promise<readonly Row[]> {
  const rows: Row[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'bench-serving-'));
  try {
    const model = join(folder, 'encoder');
    await writeModel(model, plan.shape);
    const peers = plan.transformers ? await peersOrNone(options) : undefined;
    for (const precision of plan.precisions) {
      await using contest = await Contest.open({ precision, folder: model, peers }, plan, options);
      for (const measure of [closedLoops, openLoops, realPolicies, replayedPolicies]) {
        rows.push(...(await measure(contest, plan, options)));
      }
    }
    rows.push(...(await measureSolo(join(folder, 'solo'), plan, options)));
  } finally {
    await rm(folder, { recursive: true });
  }
  return rows;
}

async function peersOrNone({ progress }: BenchmarkOptions): Promise<string | undefined> {
  try {
    return await installPeers(progress);
  } catch (error) {
    progress(`${TRANSFORMERS} cannot be installed, so it takes no part: ${String(error)}`);
    return undefined;
  }
}
