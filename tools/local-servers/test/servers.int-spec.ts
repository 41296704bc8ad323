import { connect } from 'node:net';
import { once } from 'node:events';
import pg from 'pg';
import { expect, it } from 'vitest';
import { startNats, startPostgres } from '../dist/index.js';

it('starts, kills and restarts a nats-server on the same port', async () => {
  await using nats = await startNats();
  const greet = async (): Promise<string> => {
    const socket = connect(nats.port, '127.0.0.1');
    const [greeting] = (await once(socket, 'data')) as [Buffer];
    socket.destroy();
    return greeting.toString('utf8');
  };

  expect(await greet()).toMatch(/^INFO .*"jetstream":true/);
  await nats.kill();
  expect(nats.isRunning).toBe(false);
  await nats.restart();
  expect(await greet()).toMatch(/^INFO /);
});

it('keeps what PostgreSQL acknowledged across a kill', async () => {
  await using postgres = await startPostgres();
  const query = async (sql: string): Promise<unknown[]> => {
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    const { rows } = await client.query<Record<string, unknown>>(sql);
    await client.end();
    return rows;
  };

  await query('CREATE TABLE note (text text)');
  await query("INSERT INTO note VALUES ('kept')");
  await postgres.kill();
  await postgres.restart();

  expect(await query('SELECT text FROM note')).toEqual([{ text: 'kept' }]);
});
