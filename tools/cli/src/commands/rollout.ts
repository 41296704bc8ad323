import { Command, Option } from 'commander';
import { AgreementMetric } from '@trivium/contracts/model-manifest';
import { updateModel } from '../models/change-models.js';
import type { OpenSession } from '../models/session.js';
import { showModel } from '../models/show-models.js';
import { readCount, readNumber } from './arguments.js';

interface RolloutOptions {
  readonly mode: string;
  readonly metric?: string;
  readonly percent?: number;
  readonly samples?: number;
  readonly minAgreement?: number;
  readonly maxLatencyRatio?: number;
  readonly maxFailureRate?: number;
  readonly stop?: boolean;
}

/** Without a candidate it shows how the one that runs is going. */
export function rolloutCommand(open: OpenSession): Command {
  return new Command('rollout')
    .description('compare a new version with the serving one, and promote it or roll it back by rule')
    .argument('<model>')
    .argument('[candidate]', 'version to try')
    .addOption(
      new Option('--mode <mode>', 'copies of requests, or a share of them served')
        .choices(['shadow', 'canary'])
        .default('shadow'),
    )
    .option('--percent <n>', 'of the requests', readNumber)
    .option('--samples <n>', 'compared requests after which it is judged', readCount)
    .addOption(new Option('--metric <metric>').choices(AgreementMetric.options))
    .option('--min-agreement <n>', 'mean agreement that it needs', readNumber)
    .option('--max-latency-ratio <n>', 'how many times the median latency it may have', readNumber)
    .option('--max-failure-rate <n>', 'share of its requests that may fail', readNumber)
    .option('--stop', 'end the one that runs')
    .action(async (model: string, candidate: string | undefined, options: RolloutOptions) => {
      const session = await open();
      if (options.stop === true) return updateModel(model, { rollout: null }, session);
      if (candidate === undefined) return showModel(model, session);
      return updateModel(model, { rollout: ruleOf(candidate, options) }, session);
    });
}

/** What is not said is the server's to decide. */
function ruleOf(candidate: string, options: RolloutOptions): object {
  return {
    candidate,
    mode: options.mode,
    metric: options.metric,
    percent: options.percent,
    samples: options.samples,
    min_agreement: options.minAgreement,
    max_latency_ratio: options.maxLatencyRatio,
    max_failure_rate: options.maxFailureRate,
  };
}
