import { type ModelStatistics } from '@trivium/contracts/inference';
import { z } from 'zod';
import { snakeCase } from '../documents/snake-case.js';

const Duration = z.strictObject({ count: z.int(), ns: z.number() }).meta({ id: 'CountedDuration' });
const compute = { compute_input: Duration, compute_infer: Duration, compute_output: Duration };

const Statistics = z
  .strictObject({
    object: z.literal('model.statistics'),
    model: z.string(),
    version: z.string(),
    last_inference_ms: z.number(),
    inference_count: z.int().describe('items'),
    execution_count: z.int().describe('runs; inference_count / execution_count is the mean batch'),
    inference_stats: z.strictObject({
      success: Duration,
      fail: Duration,
      queue: Duration,
      ...compute,
      cache_hit: Duration,
      cache_miss: Duration,
    }),
    batch_stats: z.array(z.strictObject({ batch_size: z.int(), ...compute })),
    release_reasons: z.record(z.string(), z.int()).describe('runs by why they did not wait any longer'),
    pending: z.int(),
    wasted_ms: z.number().describe('computed for requests that had gone'),
  })
  .meta({ id: 'AdministeredModelStatistics' });

export const StatisticsPage = z
  .strictObject({ object: z.literal('list'), data: z.array(Statistics) })
  .meta({ id: 'AdministeredModelStatisticsList' });

/** The counts of one process; with several replicas, of the one that answered. */
export function showStatistics({
  releaseReasons,
  ...statistics
}: ModelStatistics): z.input<typeof Statistics> {
  return { object: 'model.statistics', ...snakeCase(statistics), release_reasons: releaseReasons };
}
