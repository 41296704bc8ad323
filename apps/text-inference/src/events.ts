import { metrics } from '@opentelemetry/api';
import type { ErrorCode } from '@trivium/contracts';
import type { Usage } from '@trivium/contracts/content';
import { createLogger } from '@trivium/telemetry';

const log = createLogger('text-inference');
const meter = metrics.getMeter('trivium.text-inference');
const OPERATION = { 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'trivium' } as const;

const duration = meter.createHistogram('gen_ai.server.request.duration', {
  unit: 's',
  description: 'From the request to its last part',
  advice: {
    explicitBucketBoundaries: [
      0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
    ],
  },
});
const timeToFirstToken = meter.createHistogram('gen_ai.server.time_to_first_token', {
  unit: 's',
  description: 'From the request to its first part, fallbacks included',
  advice: {
    explicitBucketBoundaries: [
      0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
    ],
  },
});
const timePerOutputToken = meter.createHistogram('gen_ai.server.time_per_output_token', {
  unit: 's',
  description: 'Mean time of each token after the first',
  advice: {
    explicitBucketBoundaries: [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5],
  },
});
const tokens = meter.createHistogram('gen_ai.client.token.usage', {
  unit: '{token}',
  description: 'Tokens of one request, as the upstream counts them',
  advice: { explicitBucketBoundaries: Array.from({ length: 14 }, (_, power) => 4 ** power) },
});
const placementFailures = meter.createCounter('generation.placement.failed', {
  description: 'Attempts at a placement that failed before their first token',
});
const breakers = meter.createUpDownCounter('generation.breaker.open', {
  description: 'Breakers that are open now',
});

/** Models come from the configuration, so the label set is closed. */
export function generationFinished(event: {
  readonly model: string;
  readonly requestId: string;
  readonly durationMs: number;
  readonly firstTokenMs: number;
  readonly usage: Usage;
}): void {
  const labels = { ...OPERATION, 'gen_ai.request.model': event.model };
  duration.record(event.durationMs / 1000, labels);
  if (event.usage.outputTokens > 1) {
    const perToken = (event.durationMs - event.firstTokenMs) / (event.usage.outputTokens - 1);
    timePerOutputToken.record(perToken / 1000, labels);
  }
  if (event.usage.inputTokens > 0)
    tokens.record(event.usage.inputTokens, { ...labels, 'gen_ai.token.type': 'input' });
  if (event.usage.outputTokens > 0)
    tokens.record(event.usage.outputTokens, { ...labels, 'gen_ai.token.type': 'output' });
  log.info(event, 'generation finished');
}

export function firstTokenArrived(event: { readonly model: string; readonly firstTokenMs: number }): void {
  timeToFirstToken.record(event.firstTokenMs / 1000, { ...OPERATION, 'gen_ai.request.model': event.model });
}

export function generationFailed(event: {
  readonly model: string;
  readonly requestId: string;
  readonly durationMs: number;
  readonly code: ErrorCode | 'unknown';
  readonly started: boolean;
}): void {
  duration.record(event.durationMs / 1000, {
    ...OPERATION,
    'gen_ai.request.model': event.model,
    'error.type': event.code,
  });
  log[event.code === 'cancelled' ? 'info' : 'warn'](event, 'generation failed');
}

export function placementFailed(event: {
  readonly model: string;
  readonly placement: string;
  readonly code: ErrorCode;
  readonly message: string;
  readonly next: boolean;
  readonly cause: unknown;
}): void {
  placementFailures.add(1, { model: event.model, placement: event.placement, code: event.code });
  log.warn(event, event.next ? 'placement failed, trying the next' : 'placement failed');
}

export function breakerChanged(event: {
  readonly placement: string;
  readonly model: string;
  readonly state: 'open' | 'half-open' | 'closed';
}): void {
  const labels = { placement: event.placement, model: event.model };
  if (event.state === 'open') breakers.add(1, labels);
  if (event.state === 'half-open') breakers.add(-1, labels);
  log.warn(event, `breaker ${event.state}`);
}
