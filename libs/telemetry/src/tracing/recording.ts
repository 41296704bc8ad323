import type { TextMapPropagator } from '@opentelemetry/api';
import type { Instrumentation } from '@opentelemetry/instrumentation';
import type { Resource } from '@opentelemetry/resources';
import type { MeterProvider } from '@opentelemetry/sdk-metrics';
import { NodeSDK } from '@opentelemetry/sdk-node';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';
import type { TelemetrySettings } from '../lifecycle/settings.js';
import { createLogger } from '../logging/logger.js';
import { createJaegerExporter } from './jaeger-exporter.js';
import { createOtlpExporter } from './otlp-exporter.js';
import { OutageAwareExporter } from './outage-aware-exporter.js';

const EXPORT_TIMEOUT_MS = 3_000;
const QUEUE = { maxQueueSize: 4_096, maxExportBatchSize: 512, scheduledDelayMillis: 1_000 } as const;
const LONGEST_ATTRIBUTE = 4_096;

const log = createLogger('telemetry');

export interface RecordingOptions {
  readonly settings: TelemetrySettings;
  readonly resource: Resource;
  readonly propagator: TextMapPropagator;
  readonly instrumentations: Instrumentation[];
  readonly meterProvider: MeterProvider;
}

export interface Recording {
  /** Sends what is queued, as far as the collectors are there, and stops. */
  flush(): Promise<void>;
  /** Ends a flush that takes too long. */
  abandon(): void;
}

/** Records spans and sends them to every configured destination. */
export function startRecording(options: RecordingOptions): Recording {
  const { settings, resource, propagator, instrumentations, meterProvider } = options;
  const create: Record<'jaeger' | 'otlp', () => SpanExporter> = {
    jaeger: () => createJaegerExporter(settings.jaegerEndpoint, EXPORT_TIMEOUT_MS),
    otlp: () => createOtlpExporter(settings.otlpEndpoint, EXPORT_TIMEOUT_MS),
  };
  const exporters = settings.exporters.map(
    (name) => new OutageAwareExporter({ name, create: create[name], timeoutMs: EXPORT_TIMEOUT_MS, log }),
  );
  const spanProcessors = exporters.map(
    (exporter) => new BatchSpanProcessor({ exporter, selfObsMeterProvider: meterProvider, ...QUEUE }),
  );
  const sdk = new NodeSDK({
    resource,
    autoDetectResources: false,
    textMapPropagator: propagator,
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(settings.sampleRatio) }),
    spanLimits: { attributeValueLengthLimit: LONGEST_ATTRIBUTE },
    spanProcessors,
    instrumentations,
    metricReaders: [], // metrics have their own provider, registered already
    logRecordProcessors: [], // logs are written, not exported
  });
  sdk.start();
  return {
    async flush() {
      for (const exporter of exporters) exporter.prepareToLeave();
      // @NOTE not the SDK's own shutdown: it stops waiting for one destination when another fails
      await Promise.allSettled(spanProcessors.map(async (processor) => processor.shutdown()));
      await Promise.allSettled(exporters.map(async (exporter) => exporter.shutdown()));
    },
    abandon() {
      for (const exporter of exporters) exporter.abandon();
    },
  };
}
