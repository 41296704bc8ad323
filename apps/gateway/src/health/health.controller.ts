import { Controller, Inject } from '@nestjs/common';
import { DomainError } from '@trivium/contracts';
import { HEALTH, type Health } from '@trivium/platform';
import { renderMetrics } from '@trivium/telemetry';
import { z } from 'zod';
import { GATEWAY_CONFIG, type GatewayConfig } from '../gateway.config.js';
import { endpoint } from '../http/endpoint.js';
import { PlainAnswer } from '../http/plain-answer.js';
import { Serves } from '../http/serves.js';

const place = { tag: 'Operations', access: 'public', method: 'GET' } as const;

const Liveness = z
  .strictObject({ status: z.enum(['live', 'wedged']), reason: z.string().optional() })
  .meta({ id: 'Liveness' });

const Readiness = z
  .strictObject({
    status: z.enum(['ready', 'not ready']),
    checks: z.array(z.strictObject({ name: z.string(), ready: z.boolean(), reason: z.string().optional() })),
  })
  .meta({ id: 'Readiness' });

export const live = endpoint({
  ...place,
  operationId: 'live',
  path: '/health/live',
  summary: 'The process works',
  reply: Liveness,
  alsoAnswers: { 503: 'it does not; start a new one' },
});

export const ready = endpoint({
  ...place,
  operationId: 'ready',
  path: '/health/ready',
  summary: 'Requests can be answered',
  reply: Readiness,
  alsoAnswers: { 503: 'not at the moment; the checks say why' },
});

export const metricsText = endpoint({
  ...place,
  operationId: 'metrics',
  path: '/metrics',
  summary: 'Prometheus text; on this port only with GATEWAY_METRICS=both',
});

@Controller()
export class HealthController {
  constructor(
    @Inject(HEALTH) private readonly health: Health,
    @Inject(GATEWAY_CONFIG) private readonly config: GatewayConfig,
  ) {}

  @Serves(live)
  live(): PlainAnswer {
    const { wedged } = this.health;
    if (wedged === undefined) return PlainAnswer.json(200, { status: 'live' });
    return PlainAnswer.json(503, { status: 'wedged', reason: wedged });
  }

  @Serves(ready)
  async ready(): Promise<PlainAnswer> {
    const { ready: isReady, checks } = await this.health.readiness();
    return PlainAnswer.json(isReady ? 200 : 503, { status: isReady ? 'ready' : 'not ready', checks });
  }

  @Serves(metricsText)
  async metrics(): Promise<PlainAnswer> {
    if (this.config.GATEWAY_METRICS === 'ops') {
      throw new DomainError('not_found', 'Metrics are on the ops port. See /docs.');
    }
    return new PlainAnswer(200, await renderMetrics(), {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    });
  }
}
