import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type PostgresProcess, startPostgres } from '@trivium/local-servers';
import { loadConfig } from '@trivium/platform';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrateDatabase, revertDatabase } from '../src/database/migrate-database.js';
import { MIGRATIONS } from '../src/migrations/index.js';
import { databaseConfig } from '../src/session.config.js';

let postgres: PostgresProcess;
let databases = 0;

beforeAll(async () => {
  postgres = await startPostgres();
});

afterAll(() => postgres.stop());

const names = MIGRATIONS.map(({ name }) => name);

async function emptyDatabase() {
  databases += 1;
  const url = await postgres.createDatabase(`migrations_${databases}`);
  return { url, config: loadConfig(databaseConfig, { DATABASE_URL: url }) };
}

async function query<Row>(url: string, sql: string): Promise<Row[]> {
  const connection = new pg.Client({ connectionString: url });
  await connection.connect();
  try {
    return (await connection.query(sql)).rows as Row[];
  } finally {
    await connection.end();
  }
}

/** Every column, index and constraint of the schema, as PostgreSQL describes them. */
const describeSchema = (url: string) =>
  query<{ line: string }>(
    url,
    `SELECT format('%s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default) AS line
     FROM information_schema.columns WHERE table_schema = 'session' AND table_name <> 'migration'
     UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'session' AND tablename <> 'migration'
     UNION ALL SELECT format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) FROM pg_constraint
               WHERE connamespace = 'session'::regnamespace AND conrelid <> 'session.migration'::regclass
     ORDER BY line`,
  );

it('go up, all the way down, and up to the same schema', async () => {
  const { url, config } = await emptyDatabase();

  expect(await migrateDatabase(config)).toEqual(names);
  const schema = await describeSchema(url);
  for (const _ of MIGRATIONS) await revertDatabase(config);
  const emptied = await describeSchema(url);
  expect(await migrateDatabase(config)).toEqual(names);

  expect(schema.length).toBeGreaterThan(50);
  expect(emptied).toEqual([]);
  expect(await describeSchema(url)).toEqual(schema);
});

it('are applied once by processes that start at the same time', async () => {
  const { url, config } = await emptyDatabase();

  const applied = await Promise.all(Array.from({ length: 6 }, () => migrateDatabase(config)));

  expect(applied.filter((list) => list.length > 0)).toEqual([names]);
  expect(await query(url, `SELECT name FROM session.migration ORDER BY id`)).toEqual(
    names.map((name) => ({ name })),
  );
});

it('leave nothing half done, and free the lock, when one fails', async () => {
  const { url, config } = await emptyDatabase();
  await query(url, `CREATE SCHEMA session`);
  await query(url, `CREATE TABLE session.outbox (in_the_way text)`);

  await expect(migrateDatabase(config)).rejects.toThrow(/already exists/);

  const tables = await query(url, `SELECT tablename FROM pg_tables WHERE schemaname = 'session' ORDER BY 1`);
  expect(tables).toEqual([{ tablename: 'migration' }, { tablename: 'outbox' }]);
  await query(url, `DROP TABLE session.outbox`);
  expect(await migrateDatabase(config)).toEqual(names);
});

it('work for the role that owns the schema and nothing else', async () => {
  const { url } = await emptyDatabase();
  const script = await readFile(new URL('../../../infra/postgres/session-role.sql', import.meta.url), 'utf8');
  await query(url, script);
  await query(url, script);
  await query(url, `ALTER ROLE trivium_session PASSWORD 'chosen'`);
  const address = new URL(url);
  address.username = 'trivium_session';
  address.password = 'chosen';

  const applied = await migrateDatabase(loadConfig(databaseConfig, { DATABASE_URL: address.href }));

  expect(applied).toEqual(names);
  await expect(query(address.href, `CREATE SCHEMA other`)).rejects.toThrow(/permission denied/);
  await expect(query(address.href, `CREATE TABLE public.other ()`)).rejects.toThrow(/permission denied/);
});

it('run as a job of their own', async () => {
  const { url } = await emptyDatabase();
  const run = promisify(execFile);
  const script = fileURLToPath(new URL('../dist/migrate.js', import.meta.url));
  const env = { ...process.env, DATABASE_URL: url };

  const first = await run(process.execPath, [script], { env });
  const second = await run(process.execPath, [script], { env });
  const down = await run(process.execPath, [script, 'down'], { env });
  const failed = run(process.execPath, [script], {
    env: { ...env, DATABASE_URL: 'postgres://127.0.0.1:1/x' },
  });

  expect(JSON.parse(first.stdout)).toMatchObject({ applied: names });
  expect(JSON.parse(second.stdout)).toMatchObject({ applied: [] });
  expect(JSON.parse(down.stdout)).toMatchObject({ msg: 'newest migration reverted' });
  await expect(failed).rejects.toMatchObject({ code: 1 });
});
