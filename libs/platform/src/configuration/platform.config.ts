import { LOG_LEVELS } from '@trivium/telemetry';
import { z } from 'zod';

const TRACE_EXPORTERS = ['jaeger', 'otlp', 'both', 'none'] as const;

/** What every service reads beside its own variables. */
export const platformConfig = z.object({
  NATS_URL: z.string().min(1).default('nats://127.0.0.1:4222').describe('NATS servers, separated by commas'),
  OPS_HOST: z.string().min(1).default('0.0.0.0').describe('address of the health and metrics port'),
  OPS_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(0)
    .describe('health and metrics port; 0 takes any free one'),
  LOG_LEVEL: z.enum(LOG_LEVELS).default('info').describe('least severe log level that is written'),
  DRAIN_TIMEOUT_MS: z.coerce
    .number()
    .int()
    .min(0)
    .max(600_000)
    .default(25_000)
    .describe('how long work in flight may go on after SIGTERM'),
  TRACE_EXPORTER: z.enum(TRACE_EXPORTERS).default('none').describe('where spans go'),
  OTEL_EXPORTER_JAEGER_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .default('http://localhost:14268/api/traces')
    .describe('Thrift over HTTP, for TRACE_EXPORTER jaeger and both'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .default('http://localhost:4318')
    .describe('OTLP over HTTP, for TRACE_EXPORTER otlp and both'),
  TRACE_SAMPLE_RATIO: z.coerce
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('share of new traces that are recorded; the caller decides for traces that began elsewhere'),
  DEPLOYMENT_ENVIRONMENT: z
    .string()
    .min(1)
    .default('development')
    .describe('deployment.environment.name of traces'),
});

export type PlatformConfig = z.output<typeof platformConfig>;
