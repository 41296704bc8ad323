export { GEN_AI, GEN_AI_METRIC } from './conventions/gen-ai.js';
export { createLogger, LOG_LEVELS, type Logger, type LogLevel, setLogLevel } from './logging/logger.js';
export { renderMetrics, shutdownTelemetry } from './lifecycle/telemetry.js';
export { randomHex } from './tracing/random-ids.js';
export { type IncomingRequest, ServerSpan, type ServerSpanOptions } from './tracing/server-span.js';
export {
  currentTraceId,
  extractTrace,
  failSpan,
  injectTrace,
  inSpan,
  type InSpanOptions,
} from './tracing/span.js';
