export { GEN_AI, GEN_AI_METRIC } from './conventions/gen-ai.js';
export { createLogger, LOG_LEVELS, type Logger, type LogLevel, setLogLevel } from './logging/logger.js';
export { renderMetrics, shutdownTelemetry } from './lifecycle/telemetry.js';
export { nameHttpRoute } from './tracing/http-route.js';
export {
  currentTraceId,
  extractTrace,
  failSpan,
  injectTrace,
  inSpan,
  type InSpanOptions,
} from './tracing/span.js';
