import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import {
  defaultResource,
  detectResources,
  envDetector,
  type Resource,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { createMeterProvider } from '../metrics/meter-provider.js';
import { ScrapeReader } from '../metrics/scrape-reader.js';
import { createInstrumentations, hookModules } from '../tracing/instrumentations.js';
import { PassThroughTracerProvider } from '../tracing/pass-through-provider.js';
import type { TelemetrySettings } from './settings.js';
import type { Recording } from '../tracing/recording.js';
import type { RunningTelemetry } from './telemetry.js';

/** Starts metrics, context propagation and, where spans are exported, the tracing SDK. */
export async function startTelemetry(settings: TelemetrySettings): Promise<RunningTelemetry> {
  const { service, version, revision } = settings;
  const resource = describeProcess(settings);
  const reader = new ScrapeReader();
  const meterProvider = createMeterProvider(resource, reader, { service, version, revision });
  metrics.setGlobalMeterProvider(meterProvider);

  const propagator = new CompositePropagator({
    propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()],
  });
  const instrumentations = createInstrumentations();
  let recording: Recording | undefined;
  if (settings.exporters.length > 0) {
    // @NOTE the SDK takes 200 ms and 30 MB to load, so a process that records nothing does without it
    const { startRecording } = await import('../tracing/recording.js');
    recording = startRecording({ settings, resource, propagator, instrumentations, meterProvider });
  } else {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    propagation.setGlobalPropagator(propagator);
    trace.setGlobalTracerProvider(new PassThroughTracerProvider());
    registerInstrumentations({ instrumentations });
  }
  hookModules();

  return {
    renderMetrics: async () => reader.render(),
    async shutdown(timeoutMs) {
      for (const instrumentation of instrumentations) instrumentation.disable();
      const giveUp = setTimeout(() => recording?.abandon(), timeoutMs);
      await recording?.flush();
      clearTimeout(giveUp);
      await meterProvider.shutdown();
    },
  };
}

function describeProcess(settings: TelemetrySettings): Resource {
  return defaultResource()
    .merge(detectResources({ detectors: [envDetector] }))
    .merge(
      resourceFromAttributes({
        'service.name': settings.service,
        'service.version': settings.version,
        'service.instance.id': randomUUID(),
        'deployment.environment.name': settings.environment,
        'host.name': hostname(),
        'process.pid': process.pid,
      }),
    );
}
