import { metrics } from '@opentelemetry/api';
import type { ModelJob } from '@trivium/contracts/inference';
import { createLogger } from '@trivium/telemetry';

const log = createLogger('jobs');
const meter = metrics.getMeter('trivium.inference');

const finished = meter.createHistogram('inference.job.duration', {
  unit: 's',
  description: 'Pulls, quantizations and profiles, by kind and how they ended',
});

export function jobFinished(event: {
  readonly jobId: string;
  readonly kind: ModelJob['kind'];
  readonly model: string;
  readonly state: ModelJob['state'];
  readonly durationMs: number;
}): void {
  finished.record(event.durationMs / 1_000, { kind: event.kind, outcome: event.state });
  log.info(event, 'inference.job.finished');
}

export function jobFailedUnexpectedly(event: {
  readonly jobId: string;
  readonly kind: ModelJob['kind'];
  readonly error: unknown;
}): void {
  const { error, ...rest } = event;
  log.error({ ...rest, err: error }, 'inference.job.failed');
}

export function jobRecordTroubled(event: { readonly jobId: string; readonly error: unknown }): void {
  log.warn({ jobId: event.jobId, err: event.error }, 'inference.job.not-written');
}
