import { metrics } from '@opentelemetry/api';
import type { ErrorCode } from '@trivium/contracts';
import type { Usage } from '@trivium/contracts/content';
import { createLogger, GEN_AI, GEN_AI_METRIC } from '@trivium/telemetry';

const log = createLogger('text-inference');
const meter = metrics.getMeter('trivium.text-inference');
const OPERATION = { [GEN_AI.operationName]: 'chat', [GEN_AI.providerName]: 'trivium' } as const;

const duration = meter.createHistogram(GEN_AI_METRIC.serverRequestDuration, {
  unit: 's',
  description: 'From the request to its last part',
});
const timeToFirstToken = meter.createHistogram(GEN_AI_METRIC.serverTimeToFirstToken, {
  unit: 's',
  description: 'From the request to its first part, fallbacks included',
});
const timePerOutputToken = meter.createHistogram(GEN_AI_METRIC.serverTimePerOutputToken, {
  unit: 's',
  description: 'Mean time of each token after the first',
});
const tokens = meter.createHistogram(GEN_AI_METRIC.clientTokenUsage, {
  unit: '{token}',
  description: 'Tokens of one request, as the upstream counts them',
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
  const labels = { ...OPERATION, [GEN_AI.requestModel]: event.model };
  duration.record(event.durationMs / 1000, labels);
  if (event.usage.outputTokens > 1) {
    const perToken = (event.durationMs - event.firstTokenMs) / (event.usage.outputTokens - 1);
    timePerOutputToken.record(perToken / 1000, labels);
  }
  if (event.usage.inputTokens > 0)
    tokens.record(event.usage.inputTokens, { ...labels, [GEN_AI.tokenType]: 'input' });
  if (event.usage.outputTokens > 0)
    tokens.record(event.usage.outputTokens, { ...labels, [GEN_AI.tokenType]: 'output' });
  log.info(event, 'generation finished');
}

export function firstTokenArrived(event: { readonly model: string; readonly firstTokenMs: number }): void {
  timeToFirstToken.record(event.firstTokenMs / 1000, { ...OPERATION, [GEN_AI.requestModel]: event.model });
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
    [GEN_AI.requestModel]: event.model,
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

const stepSequences = meter.createHistogram('decoder.step.sequences', {
  unit: '{sequence}',
  description: 'Sequences that shared a step',
});
const decoderTokens = meter.createCounter('decoder.tokens', {
  unit: '{token}',
  description: 'Tokens taken in (prefill), taken over from earlier prompts (reused) and drawn (decode)',
});
const cachePositions = meter.createGauge('decoder.cache.positions', {
  unit: '{token}',
  description: 'Positions that the key-value caches have memory for',
});

export function decoderStepped(event: {
  readonly model: string;
  readonly sequences: number;
  readonly prefilled: number;
  readonly reused: number;
  readonly decoded: number;
  readonly cachePositions: number;
}): void {
  const labels = { model: event.model };
  if (event.sequences > 0) stepSequences.record(event.sequences, labels);
  if (event.prefilled > 0) decoderTokens.add(event.prefilled, { ...labels, phase: 'prefill' });
  if (event.reused > 0) decoderTokens.add(event.reused, { ...labels, phase: 'reused' });
  if (event.decoded > 0) decoderTokens.add(event.decoded, { ...labels, phase: 'decode' });
  cachePositions.record(event.cachePositions, labels);
}

export function decoderWorkerChanged(event: {
  readonly model: string;
  readonly variant: string;
  readonly type: 'ready' | 'lost' | 'recycled' | 'failed-to-start';
  readonly slot: number;
  readonly detail: string;
}): void {
  log[event.type === 'ready' ? 'info' : 'warn'](event, `decoder worker ${event.type}`);
}

export function decoderNotPreloaded(event: { readonly model: string; readonly error: unknown }): void {
  log.error({ model: event.model, err: event.error }, 'decoder did not load');
}

/** Names of models are those of the repository, so the label set is closed. */
export function textsEncoded(event: {
  readonly operation: 'embeddings' | 'rerank' | 'classify';
  readonly model: string;
  readonly durationMs: number;
  readonly inputTokens: number;
}): void {
  const labels = {
    [GEN_AI.operationName]: event.operation,
    [GEN_AI.providerName]: 'trivium',
    [GEN_AI.requestModel]: event.model,
  };
  duration.record(event.durationMs / 1000, labels);
  tokens.record(event.inputTokens, { ...labels, [GEN_AI.tokenType]: 'input' });
}
