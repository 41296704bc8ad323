import { JaegerExporter } from '@opentelemetry/exporter-jaeger';
import type { SpanExporter } from '@opentelemetry/sdk-trace';

/**
 * Thrift over HTTP. The OpenTelemetry 2.x line is the last with this exporter, so nothing outside
 * this file may know it.
 */
export function createJaegerExporter(endpoint: string, timeoutMs: number): SpanExporter {
  return new JaegerExporter({ ...senderOptions(timeoutMs), endpoint, flushTimeout: FLUSH_TIMEOUT_MS });
}

/** @NOTE the exporter's shutdown holds the process for this long even when it has nothing to flush. */
const FLUSH_TIMEOUT_MS = 100;

/** Read by the sender below the exporter, and absent from the exporter's own types. */
function senderOptions(timeoutMs: number): object {
  return { timeoutMs, maxSpanBatchSize: MORE_THAN_ONE_BATCH };
}

/** Above the processor's batch size, so that an export is one request and fails or succeeds as one. */
const MORE_THAN_ONE_BATCH = 10_000;
