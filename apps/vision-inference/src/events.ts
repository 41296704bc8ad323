import { metrics } from '@opentelemetry/api';
import type { ErrorCode } from '@trivium/contracts';
import type { BatchEvent, WorkerEvent } from '@trivium/serving';
import { createLogger } from '@trivium/telemetry';

export type FaceOperation = 'find-faces' | 'compare-faces';

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
const batchWasted = meter.createCounter<{ model: string }>('vision.batch.wasted.duration', {
  ...seconds,
  description: 'Spent on work that nobody waited for any more when it was done',
});
const batchCompute = meter.createHistogram<{ model: string; bucket: string }>(
  'vision.batch.compute.duration',
  seconds,
);
const workers = meter.createCounter<{ event: WorkerEvent['type'] }>('vision.worker.changed');
const requestDuration = meter.createHistogram<{
  'gen_ai.operation.name': 'ocr' | FaceOperation;
  'gen_ai.request.model': string;
  'error.type'?: ErrorCode;
}>('gen_ai.server.request.duration', seconds);
const lines = meter.createHistogram<{ model: string }>('vision.page.lines');

export function batchFinished(event: BatchEvent): void {
  const { modelId: model, bucket, reason, outcome } = event;
  batches.add(1, { model, bucket, reason, outcome });
  batchItems.record(event.items, { model, bucket });
  batchQueue.record(event.longestQueueMs / 1000, { model });
  batchCompute.record(event.computeMs / 1000, { model, bucket });
  if (event.wastedMs > 0) batchWasted.add(event.wastedMs / 1000, { model });
  if (outcome === 'ok') log.debug(event, 'vision.batch.finished');
  else log.warn(event, 'vision.batch.finished');
}

export function workerChanged(event: WorkerEvent): void {
  workers.add(1, { event: event.type });
  if (event.type === 'ready') log.info(event, 'vision.worker.changed');
  else log.warn(event, 'vision.worker.changed');
}

export interface PageEvent {
  readonly model: string;
  readonly requestId: string;
  readonly durationMs: number;
  readonly lines: number;
  /** Absent when it was read. */
  readonly failure?: ErrorCode;
}

export function pageRead(event: PageEvent): void {
  const { model, failure } = event;
  requestDuration.record(event.durationMs / 1000, {
    'gen_ai.operation.name': 'ocr',
    'gen_ai.request.model': model,
    ...(failure === undefined ? {} : { 'error.type': failure }),
  });
  if (failure === undefined) lines.record(event.lines, { model });
  log.debug(event, 'vision.page.read');
}

export interface FaceRequestEvent {
  readonly operation: FaceOperation;
  readonly model: string;
  readonly requestId: string;
  readonly durationMs: number;
  /** Absent when it was answered. */
  readonly failure: ErrorCode | undefined;
}

/** Tells nothing of what was seen: neither where faces are, nor how many, nor whose they were taken for. */
export function faceRequestFinished(event: FaceRequestEvent): void {
  const { operation, model, failure } = event;
  requestDuration.record(event.durationMs / 1000, {
    'gen_ai.operation.name': operation,
    'gen_ai.request.model': model,
    ...(failure === undefined ? {} : { 'error.type': failure }),
  });
  log.debug(event, 'vision.faces.finished');
}
