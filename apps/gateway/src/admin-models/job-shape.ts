import { ModelJob } from '@trivium/contracts/inference';
import { INFERENCE_SERVICES, type InferenceService } from '@trivium/contracts/model-manifest';
import { z } from 'zod';
import { scopedId } from './scoped-id.js';

export const Job = z
  .strictObject({
    object: z.literal('model.job'),
    id: z.string(),
    kind: ModelJob.shape.kind,
    model: z.string(),
    state: ModelJob.shape.state,
    progress: z.number().describe('0 to 1'),
    detail: z.string(),
    created_at: z.int(),
    finished_at: z.int().nullable(),
    result: z.record(z.string(), z.unknown()).nullable().describe('what it led to, by its kind'),
    error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
  })
  .meta({ id: 'ModelJob' });

export const JobPage = z
  .strictObject({
    object: z.literal('list'),
    data: z.array(Job).describe('newest first; kept for a day'),
    services_away: z.array(z.enum(INFERENCE_SERVICES)),
  })
  .meta({ id: 'ModelJobList' });

export function showJob(service: InferenceService, job: ModelJob): z.input<typeof Job> {
  return {
    object: 'model.job',
    id: scopedId(service, job.jobId),
    kind: job.kind,
    model: job.model,
    state: job.state,
    progress: job.progress,
    detail: job.detail,
    created_at: job.createdAt,
    finished_at: job.finishedAt ?? null,
    result: job.result ?? null,
    error: job.error ?? null,
  };
}
