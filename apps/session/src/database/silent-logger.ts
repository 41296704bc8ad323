import type { Logger } from 'typeorm';

/**
 * TypeORM prints some lines whatever its `logging` says, with parameters among them. Everything that
 * matters reaches us as an error or a result.
 */
export const SILENT_LOGGER: Logger = {
  logQuery: () => undefined,
  logQueryError: () => undefined,
  logQuerySlow: () => undefined,
  logSchemaBuild: () => undefined,
  logMigration: () => undefined,
  log: () => undefined,
};
