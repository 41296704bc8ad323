import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { type MetricData, MetricReader, type ResourceMetrics } from '@opentelemetry/sdk-metrics';

/** Units as Prometheus spells them at the end of a name; units in braces are remarks and have no suffix. */
const UNIT_SUFFIX: Readonly<Record<string, string>> = {
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  By: 'bytes',
  '%': 'percent',
};

/** Collects when it is asked, for whoever serves `/metrics`; opens no port of its own. */
export class ScrapeReader extends MetricReader {
  readonly #serializer = new PrometheusSerializer(undefined, false, undefined, false, true);

  async render(): Promise<string> {
    const { resourceMetrics } = await this.collect();
    return this.#serializer.serialize(withUnitSuffixes(resourceMetrics));
  }

  protected override async onShutdown(): Promise<void> {
    // nothing is held
  }

  protected override async onForceFlush(): Promise<void> {
    // nothing is queued
  }
}

function withUnitSuffixes(collected: ResourceMetrics): ResourceMetrics {
  const scopeMetrics = collected.scopeMetrics.map(({ scope, metrics }) => ({
    scope,
    metrics: metrics.map(named),
  }));
  return { resource: collected.resource, scopeMetrics };
}

function named(metric: MetricData): MetricData {
  const { name, unit } = metric.descriptor;
  const suffix = UNIT_SUFFIX[unit];
  if (suffix === undefined || name.endsWith(suffix)) return metric;
  return { ...metric, descriptor: { ...metric.descriptor, name: `${name}_${suffix}` } };
}
