export { createLogger, LOG_LEVELS, type Logger, type LogLevel, setLogLevel } from './logging/logger.js';
export { renderMetrics, shutdownTelemetry } from './lifecycle/telemetry.js';
export {
  currentTraceId,
  extractTrace,
  failSpan,
  injectTrace,
  inSpan,
  type InSpanOptions,
} from './tracing/span.js';
