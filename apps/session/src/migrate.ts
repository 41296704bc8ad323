import { loadConfig } from '@trivium/platform';
import { createLogger } from '@trivium/telemetry';
import { migrateDatabase, revertDatabase } from './database/migrate-database.js';
import { databaseConfig } from './session.config.js';

/** `node dist/migrate.js` brings the schema up to date; `node dist/migrate.js down` takes one step back. */
const logger = createLogger('session-migrate');
try {
  const config = loadConfig(databaseConfig, process.env);
  if (process.argv[2] === 'down') {
    await revertDatabase(config);
    logger.info('newest migration reverted');
  } else {
    const applied = await migrateDatabase(config);
    logger.info({ applied }, 'schema is up to date');
  }
} catch (error) {
  logger.error({ err: error }, 'migration failed');
  process.exitCode = 1;
}
