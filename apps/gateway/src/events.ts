import { metrics } from '@opentelemetry/api';

const meter = metrics.getMeter('trivium.gateway');

const requests = meter.createHistogram('http.server.request.duration', {
  unit: 's',
  description: 'From the arrival of a request to the last byte of its answer, by route',
  advice: { explicitBucketBoundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120] },
});
const firstTokens = meter.createHistogram('gen_ai.server.time_to_first_token', {
  unit: 's',
  description: 'From the arrival of a request to its first piece of answer',
  advice: {
    explicitBucketBoundaries: [
      0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
    ],
  },
});
const streams = meter.createCounter('gateway.stream.finished', {
  description: 'Event streams that ended, by how',
});
const keys = meter.createCounter('gateway.key.checked', {
  description: 'Keys that were not simply known, by what came of it and who knew',
});

export type StreamOutcome = 'completed' | 'failed' | 'disconnected' | 'stalled';

export function requestFinished(event: {
  method: string;
  route: string;
  status: number;
  seconds: number;
}): void {
  requests.record(event.seconds, {
    'http.request.method': event.method,
    'http.route': event.route,
    'http.response.status_code': event.status,
  });
}

export function firstToken(event: { seconds: number }): void {
  firstTokens.record(event.seconds, { 'gen_ai.operation.name': 'chat' });
}

export function streamFinished(event: { outcome: StreamOutcome }): void {
  streams.add(1, { outcome: event.outcome });
}

export function keyChecked(event: {
  outcome: 'accepted' | 'refused' | 'unknown';
  source: 'cache' | 'session' | 'stale';
}): void {
  keys.add(1, { outcome: event.outcome, source: event.source });
}
