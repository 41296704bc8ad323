import { metrics } from '@opentelemetry/api';
import type { BatchEvent, WorkerEvent } from '@trivium/serving';
import { createLogger } from '@trivium/telemetry';

const log = createLogger('vision-inference');
const meter = metrics.getMeter('trivium.vision-inference');

const seconds = { unit: 's' };
const batches = meter.createCounter<{
  model: string;
  bucket: string;
  reason: BatchEvent['reason'];
  outcome: BatchEvent['outcome'];
}>('vision.batch.finished');
const batchItems = meter.createHistogram<{ model: string; bucket: string }>('vision.batch.items');
const batchQueue = meter.createHistogram<{ model: string }>('vision.batch.queue.duration', seconds);
const batchCompute = meter.createHistogram<{ model: string; bucket: string }>(
  'vision.batch.compute.duration',
  seconds,
);
const workers = meter.createCounter<{ event: WorkerEvent['type'] }>('vision.worker.changed');
const pages = meter.createCounter<{ outcome: PageOutcome }>('vision.page.read');
const pageDuration = meter.createHistogram<{ outcome: PageOutcome }>('vision.page.duration', seconds);

export type PageOutcome = 'ok' | 'refused' | 'cancelled' | 'failed';

export function batchFinished(event: BatchEvent): void {
  const { modelId: model, bucket, reason, outcome } = event;
  batches.add(1, { model, bucket, reason, outcome });
  batchItems.record(event.items, { model, bucket });
  batchQueue.record(event.longestQueueMs / 1000, { model });
  batchCompute.record(event.computeMs / 1000, { model, bucket });
  if (outcome === 'ok') log.debug(event, 'vision.batch.finished');
  else log.warn(event, 'vision.batch.finished');
}

export function workerChanged(event: WorkerEvent): void {
  workers.add(1, { event: event.type });
  if (event.type === 'ready') log.info(event, 'vision.worker.changed');
  else log.warn(event, 'vision.worker.changed');
}

export function pageRead(event: {
  readonly outcome: PageOutcome;
  readonly requestId: string;
  readonly durationMs: number;
  readonly lines: number;
}): void {
  pages.add(1, { outcome: event.outcome });
  pageDuration.record(event.durationMs / 1000, { outcome: event.outcome });
  log.debug(event, 'vision.page.read');
}
