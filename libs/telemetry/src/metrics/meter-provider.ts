import { AggregationType, MeterProvider, type ViewOptions } from '@opentelemetry/sdk-metrics';
import type { Resource } from '@opentelemetry/resources';
import { GEN_AI_BUCKETS } from '../conventions/gen-ai.js';
import type { ScrapeReader } from './scrape-reader.js';

const views: ViewOptions[] = Object.entries(GEN_AI_BUCKETS).map(([instrumentName, boundaries]) => ({
  instrumentName,
  aggregation: { type: AggregationType.EXPLICIT_BUCKET_HISTOGRAM, options: { boundaries: [...boundaries] } },
}));

export interface BuildInfo {
  readonly service: string;
  readonly version: string;
  readonly revision: string;
}

export function createMeterProvider(
  resource: Resource,
  reader: ScrapeReader,
  build: BuildInfo,
): MeterProvider {
  const provider = new MeterProvider({ resource, views, readers: [reader] });
  provider
    .getMeter('trivium.telemetry')
    .createObservableGauge('app.build.info', { description: 'What runs here; always 1' })
    .addCallback((result) => result.observe(1, { ...build }));
  return provider;
}
