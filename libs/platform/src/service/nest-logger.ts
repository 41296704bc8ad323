import type { LoggerService } from '@nestjs/common';
import type { Logger } from '@trivium/telemetry';

/** Nest's own messages through the service's logger. What Nest calls a log is detail to us: debug. */
export class NestLogger implements LoggerService {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  log(message: unknown, ...rest: unknown[]): void {
    this.#logger.debug(...line(message, rest));
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.#logger.error(...line(message, rest));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.#logger.warn(...line(message, rest));
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.#logger.debug(...line(message, rest));
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.#logger.trace(...line(message, rest));
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.#logger.fatal(...line(message, rest));
  }
}

/** Nest passes the message first, a stack for errors in between, and its context's name last. */
function line(message: unknown, rest: readonly unknown[]): [object, string] {
  const context = rest.at(-1);
  const stack = rest.length > 1 ? rest[0] : undefined;
  const fields = {
    ...(typeof context === 'string' ? { context } : {}),
    ...(typeof stack === 'string' ? { stack } : {}),
  };
  if (message instanceof Error) return [{ ...fields, err: message }, message.message];
  return typeof message === 'string' ? [fields, message] : [{ ...fields, detail: message }, 'nest'];
}
