import { metrics } from '@opentelemetry/api';
import type { Health } from '../health/health.js';

/** `service_ready`: 1 while readiness holds, as the probe of an orchestrator would see it. */
export function registerServiceMetrics(service: string, health: Health): Disposable {
  const ready = metrics
    .getMeter('trivium.platform')
    .createObservableGauge('service.ready', { description: 'Whether the service takes work' });
  const observe = async (result: { observe(value: number, attributes: { service: string }): void }) =>
    result.observe((await health.readiness()).ready ? 1 : 0, { service });
  ready.addCallback(observe);
  return { [Symbol.dispose]: () => ready.removeCallback(observe) };
}
