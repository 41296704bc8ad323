import { DataSource, MigrationExecutor, type QueryRunner } from 'typeorm';
import { MIGRATIONS } from '../migrations/index.js';
import type { DatabaseConfig } from '../session.config.js';
import { connectionOptions, SCHEMA } from './connection-options.js';

/** Any number will do as long as every replica and job takes the same: `trivium` in ASCII. */
const LOCK = '32770348699510125';

/** Brings the schema up to date and answers the names of what was applied; one process at a time. */
export function migrateDatabase(config: DatabaseConfig): Promise<string[]> {
  return underLock(config, async (executor) => {
    const applied = await executor.executePendingMigrations();
    return applied.map(({ name }) => name);
  });
}

/** Takes the newest migration back. For operators; no service calls it. */
export function revertDatabase(config: DatabaseConfig): Promise<void> {
  return underLock(config, (executor) => executor.undoLastMigration());
}

async function underLock<T>(
  config: DatabaseConfig,
  work: (executor: MigrationExecutor) => Promise<T>,
): Promise<T> {
  const source = new DataSource({
    ...connectionOptions(config, () => undefined),
    poolSize: 1,
    migrations: [...MIGRATIONS],
    migrationsTableName: 'migration',
    // A large table takes longer than a request may; what others hold is not waited for long.
    extra: { keepAlive: true, statement_timeout: 0, query_timeout: 0, lock_timeout: 60_000 },
  } as ConstructorParameters<typeof DataSource>[0]);
  await source.initialize();
  const runner = source.createQueryRunner();
  try {
    await runner.query(`SELECT pg_advisory_lock(${LOCK})`);
    await runner.query(`SET lock_timeout = '5s'`);
    await ensureSchema(runner);
    const executor = new MigrationExecutor(source, runner);
    executor.transaction = 'each';
    return await work(executor);
  } finally {
    // Ending the connection frees the lock, whatever happened before.
    await runner.release();
    await source.destroy();
  }
}

/** Looks first: a role that may not create schemas still works where an operator made this one. */
async function ensureSchema(runner: QueryRunner): Promise<void> {
  const [found] = (await runner.query(`SELECT to_regnamespace('${SCHEMA}') AS oid`)) as { oid: unknown }[];
  if (found?.oid == null) await runner.query(`CREATE SCHEMA ${SCHEMA}`);
}
