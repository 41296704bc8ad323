import { metrics } from '@opentelemetry/api';
import type { ErrorCode } from '@trivium/contracts';
import { createLogger } from '@trivium/telemetry';
import type { Pipeline } from './rules/rules-file.js';

const log = createLogger('router');
const meter = metrics.getMeter('trivium.router');

const turns = meter.createCounter('turn.finished', { description: 'Turns by pipeline and outcome' });
const duration = meter.createHistogram('turn.duration', {
  unit: 's',
  description: 'From the request to the end of the turn',
  advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] },
});
const firstDelta = meter.createHistogram('turn.first_delta.duration', {
  unit: 's',
  description: 'From the request to the first piece of the answer',
  advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30] },
});
const routes = meter.createCounter('route.decided', { description: 'Routes by pipeline and rule' });
const modelFailures = meter.createCounter('model.failed', {
  description: 'Turns that were answered without the language model because it failed',
});
const intents = meter.createCounter('intent.asked', {
  description: 'Questions whose intent was asked for, by what came of it',
});
const reloads = meter.createCounter('rules.reloaded', { description: 'Reloads of the rules file' });

export function routeDecided(event: {
  readonly pipeline: Pipeline;
  readonly rule: string;
  readonly reason: string;
  readonly requestId: string;
}): void {
  routes.add(1, { pipeline: event.pipeline, rule: event.rule });
  // the reason repeats words of the question, so it goes to the caller and not to the log
  log.info({ pipeline: event.pipeline, rule: event.rule, requestId: event.requestId }, 'route decided');
}

export function intentAsked(event: {
  readonly outcome: 'told' | 'resting' | ErrorCode;
  readonly requestId: string;
}): void {
  intents.add(1, { outcome: event.outcome });
  log.debug(event, 'intent asked');
}

export function turnFinished(event: {
  readonly pipeline: Pipeline | 'none';
  readonly outcome: 'completed' | 'left' | ErrorCode;
  readonly durationMs: number;
  readonly firstDeltaMs: number | undefined;
  readonly stored: boolean;
  readonly requestId: string;
}): void {
  const labels = { pipeline: event.pipeline, outcome: event.outcome };
  turns.add(1, labels);
  duration.record(event.durationMs / 1000, labels);
  if (event.firstDeltaMs !== undefined)
    firstDelta.record(event.firstDeltaMs / 1000, { pipeline: event.pipeline });
  log.info(event, 'turn finished');
}

export function modelFailed(event: {
  readonly pipeline: Pipeline;
  readonly code: ErrorCode;
  readonly requestId: string;
}): void {
  modelFailures.add(1, { pipeline: event.pipeline, code: event.code });
  log[event.code === 'model_not_available' ? 'debug' : 'warn'](event, 'answered without the language model');
}

export function turnNotStored(event: {
  readonly responseId: string;
  readonly requestId: string;
  readonly error: unknown;
}): void {
  log.error(event, 'a turn that was broken off could not be stored');
}

export function documentSkipped(event: { readonly code: ErrorCode; readonly requestId: string }): void {
  log.warn(event, 'a document of an earlier message could not be read');
}

export function rulesReloaded(event: { readonly path: string; readonly rules: number }): void {
  reloads.add(1, { outcome: 'ok' });
  log.info(event, 'rules reloaded');
}

export function rulesRejected(event: { readonly path: string; readonly fault: string }): void {
  reloads.add(1, { outcome: 'rejected' });
  log.error(event, 'rules rejected, the former ones stay in force');
}
