import { metrics } from '@opentelemetry/api';
import type { ErrorCode } from '@trivium/contracts';
import type { BatchEvent, WorkerEvent } from '@trivium/serving';
import { createLogger } from '@trivium/telemetry';

const log = createLogger('inference');
const meter = metrics.getMeter('trivium.inference');
const seconds = { unit: 's' };

/** Models are made by operators, so label sets stay small. */
interface ModelLabels {
  readonly model: string;
  readonly version: string;
  readonly variant: string;
}

const batches = meter.createCounter('inference.batch.finished', {
  description: 'Runs, by why they were released and how they ended',
});
const batchItems = meter.createHistogram('inference.batch.items', { description: 'Items that shared a run' });
const batchCompute = meter.createHistogram('inference.batch.compute.duration', seconds);
const requests = meter.createHistogram('inference.request.duration', {
  ...seconds,
  description: 'From the request to its answer, queue and load included',
});
const queue = meter.createHistogram('inference.queue.duration', seconds);
const loads = meter.createHistogram('inference.model.load.duration', seconds);
const memory = meter.createGauge('inference.model.memory', {
  unit: 'By',
  description: 'Resident memory of the workers of a loaded model',
});
const cacheLookups = meter.createCounter('inference.cache.lookup');
const workers = meter.createCounter('inference.worker.changed');
const rollouts = meter.createCounter('inference.rollout.decided');

export function batchFinished(version: string, event: BatchEvent): void {
  const { modelId: model, variant, reason, outcome } = event;
  const labels = { model, version, variant };
  batches.add(1, { ...labels, reason, outcome });
  batchItems.record(event.items, labels);
  batchCompute.record(event.computeMs / 1_000, labels);
  if (outcome === 'ok') log.debug({ ...event, version }, 'inference.batch.finished');
  else log.warn({ ...event, version }, 'inference.batch.finished');
}

export function workerChanged(labels: ModelLabels, event: WorkerEvent): void {
  workers.add(1, { ...labels, event: event.type });
  log[event.type === 'ready' ? 'info' : 'warn']({ ...labels, ...event }, 'inference.worker.changed');
}

export function requestAnswered(
  event: ModelLabels & { readonly durationMs: number; readonly queueMs: number; readonly requestId: string },
): void {
  const { model, version, variant } = event;
  requests.record(event.durationMs / 1_000, { model, version, variant });
  queue.record(event.queueMs / 1_000, { model, version, variant });
  log.debug(event, 'inference.request.answered');
}

export function requestFailed(event: {
  readonly model: string;
  readonly version: string | undefined;
  readonly code: ErrorCode;
  readonly durationMs: number;
  readonly requestId: string;
}): void {
  const { model, version = '', code } = event;
  requests.record(event.durationMs / 1_000, { model, version, 'error.type': code });
  log.debug(event, 'inference.request.failed');
}

export function modelLoaded(
  event: ModelLabels & { readonly durationMs: number; readonly memoryBytes: number },
): void {
  const { model, version, variant } = event;
  loads.record(event.durationMs / 1_000, { model, version, variant });
  memory.record(event.memoryBytes, { model, version, variant });
  log.info(event, 'inference.model.loaded');
}

export function modelUnloaded(event: ModelLabels & { readonly reason: string }): void {
  const { model, version, variant } = event;
  memory.record(0, { model, version, variant });
  log.info(event, 'inference.model.unloaded');
}

export function modelFailed(event: ModelLabels & { readonly error: unknown }): void {
  const { error, ...labels } = event;
  log.error({ ...labels, err: error }, 'inference.model.failed-to-load');
}

export function cacheAsked(labels: {
  readonly model: string;
  readonly outcome: 'hit' | 'miss' | 'bypass';
}): void {
  cacheLookups.add(1, labels);
}

export function rolloutDecided(event: {
  readonly model: string;
  readonly candidate: string;
  readonly decision: 'promoted' | 'rolled-back';
  readonly reason: string;
}): void {
  const { model, decision } = event;
  rollouts.add(1, { model, decision });
  log.warn(event, 'inference.rollout.decided');
}

export function repositoryTroubled(event: { readonly model: string; readonly error: unknown }): void {
  log.error({ model: event.model, err: event.error }, 'inference.repository.troubled');
}

/** The shared part of the cache failed; the work was done without it. */
export function cacheTroubled(error: unknown): void {
  log.warn({ err: error }, 'inference.cache.troubled');
}
