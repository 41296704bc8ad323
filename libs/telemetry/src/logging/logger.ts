import { isSpanContextValid, trace } from '@opentelemetry/api';
import { type DestinationStream, pino, type Logger } from 'pino';
import { redact, redactText } from './redact.js';

export type { Logger };

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** The root of a tree of loggers that write to one destination and change their level together. */
export function createLogTree(destination?: DestinationStream): {
  createLogger(name: string): Logger;
  setLogLevel(level: LogLevel): void;
} {
  const root = pino(
    {
      level: 'info',
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      mixin: activeTrace,
      serializers: { err: (error: unknown) => redact(error), error: (error: unknown) => redact(error) },
      formatters: {
        level: (label) => ({ level: label }),
        log: (record) => redact(record) as Record<string, unknown>,
      },
      hooks: {
        logMethod(args, method) {
          method.apply(
            this,
            args.map((arg) => (typeof arg === 'string' ? redactText(arg) : arg)) as typeof args,
          );
        },
      },
    },
    ...(destination === undefined ? [] : [destination]),
  );
  const loggers: Logger[] = [root];
  return {
    createLogger(name) {
      const logger = root.child({ name });
      loggers.push(logger);
      return logger;
    },
    setLogLevel(level) {
      for (const logger of loggers) logger.level = level;
    },
  };
}

const tree = createLogTree();

/** A logger for one package, made once as a constant: JSON lines, redacted, with the active trace. */
export const createLogger = tree.createLogger;

/** Sets the level of every logger made by `createLogger`, past and future. */
export const setLogLevel = tree.setLogLevel;

function activeTrace(): Record<string, string> {
  const spanContext = trace.getActiveSpan()?.spanContext();
  if (spanContext === undefined || !isSpanContextValid(spanContext)) return {};
  return { trace_id: spanContext.traceId, span_id: spanContext.spanId };
}
