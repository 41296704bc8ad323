import type { DataSourceOptions } from 'typeorm';
import type { DatabaseConfig } from '../session.config.js';
import { SILENT_LOGGER } from './silent-logger.js';

export const SCHEMA = 'session';

/** How long past the server's own limit an answer is waited for: then the server is not there. */
const READ_GRACE_MS = 500;

/** Limits on everything that can wait, so that a database in trouble costs seconds, never a hang. */
export function connectionOptions(
  config: DatabaseConfig,
  onIdleError: (error: unknown) => void,
): DataSourceOptions {
  return {
    type: 'postgres',
    url: config.DATABASE_URL,
    schema: SCHEMA,
    applicationName: 'trivium-session',
    poolSize: config.SESSION_POOL_SIZE,
    connectTimeoutMS: config.SESSION_CONNECT_TIMEOUT_MS,
    synchronize: false,
    installExtensions: false,
    logger: SILENT_LOGGER,
    poolErrorHandler: onIdleError,
    extra: {
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      idleTimeoutMillis: 30_000,
      statement_timeout: config.SESSION_STATEMENT_TIMEOUT_MS,
      query_timeout: config.SESSION_STATEMENT_TIMEOUT_MS + READ_GRACE_MS,
      idle_in_transaction_session_timeout: config.SESSION_IDLE_IN_TRANSACTION_MS,
    },
  };
}
