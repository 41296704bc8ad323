import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { appendItems, createConversation, getConversation } from '@trivium/contracts/session';
import {
  freePort,
  type NatsProcess,
  type PostgresProcess,
  startNats,
  startPostgres,
} from '@trivium/local-servers';
import type { Messaging } from '@trivium/messaging';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ACME, connectClient, say, startReplica, untilReady } from './session-replica.js';

const KEY = 'sk-trivium-never-to-be-logged-0123456789';

let postgres: PostgresProcess;
let nats: NatsProcess;
let client: Messaging;
let service: ChildProcess;
let opsPort: number;
let output = '';

beforeAll(async () => {
  [postgres, nats, opsPort] = await Promise.all([startPostgres(), startNats(), freePort()]);
  client = await connectClient(nats.url);
  service = spawn(
    process.execPath,
    ['--import', '@trivium/telemetry/register', fileURLToPath(new URL('../dist/main.js', import.meta.url))],
    {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      env: {
        ...process.env,
        NATS_URL: nats.url,
        DATABASE_URL: postgres.url,
        TRIVIUM_API_KEY: KEY,
        OPS_PORT: String(opsPort),
        OPS_HOST: '127.0.0.1',
        LOG_LEVEL: 'debug',
      },
    },
  );
  for (const stream of [service.stdout, service.stderr]) {
    stream?.on('data', (bytes: Buffer) => (output += bytes.toString()));
  }
});

afterAll(async () => {
  service.kill('SIGKILL');
  await client[Symbol.asyncDispose]();
  await Promise.all([nats.stop(), postgres.stop()]);
});

const ask = (path: string) => fetch(`http://127.0.0.1:${opsPort}${path}`);
const statusOf = (path: string) =>
  ask(path).then(
    ({ status }) => status,
    () => 0,
  );
const becomes = (path: string, status: number) =>
  expect.poll(() => statusOf(path), { timeout: 20_000, interval: 100 }).toBe(status);

it('lives through the loss of PostgreSQL, and tells the truth about it', async () => {
  await becomes('/health/ready', 200);

  await postgres.kill();
  await becomes('/health/ready', 503);
  const report = await (await ask('/health/ready')).text();
  const live = await statusOf('/health/live');
  await postgres.restart();

  await becomes('/health/ready', 200);
  expect(report).toContain('postgres');
  expect(live).toBe(200);
});

it('counts what it does', async () => {
  const { id } = await client.call(createConversation, { items: [say('a')] }, ACME);
  await client.call(appendItems, { conversationId: id, items: [say('b')] }, ACME);

  const late = { conversationId: id, items: [say('c')], expectedHead: 0 };
  await expect(client.call(appendItems, late, ACME)).rejects.toMatchObject({ code: 'conflict' });

  const metrics = await (await ask('/metrics')).text();

  expect(metrics).toMatch(/^session_items_appended_total\{[^}]*to="conversation"[^}]*\} 2/m);
  expect(metrics).toMatch(/^session_append_conflicts_total\S* 1/m);
  expect(metrics).toMatch(/^session_database_failures_total\{[^}]*code="unavailable"/m);
  expect(metrics).toMatch(/^session_outbox_waiting\S* 0/m);
  expect(metrics).toMatch(/^session_outbox_lag_seconds\S* 0/m);
  expect(metrics).toMatch(/^db_client_connection_count\{[^}]*state="idle"[^}]*\} \d/m);
  expect(metrics).toMatch(/^db_client_connection_pending_requests\S* 0/m);
});

it('leaves on SIGTERM with everything acknowledged in place, and logged no secret', async () => {
  const { id } = await client.call(createConversation, {}, ACME);
  let acknowledged = 0;
  const busy = Promise.withResolvers<void>();
  const writers = Array.from({ length: 10 }, async () => {
    for (;;) {
      try {
        await client.call(
          appendItems,
          { conversationId: id, items: [say('x')] },
          { ...ACME, deadline: 2_000 },
        );
      } catch {
        return;
      }
      acknowledged += 1;
      if (acknowledged === 50) busy.resolve();
    }
  });
  const exited = once(service, 'exit');

  await busy.promise;
  service.kill('SIGTERM');
  const [code] = (await exited) as [number];
  await Promise.all(writers);

  expect(code).toBe(0);
  expect(output).not.toContain(KEY);
  expect(output).not.toContain(new URL(postgres.url).password);
  await using _successor = await successor();
  expect(await client.call(getConversation, { conversationId: id }, ACME)).toMatchObject({
    head: acknowledged,
  });
});

async function successor() {
  const replica = await startReplica({ natsUrl: nats.url, databaseUrl: postgres.url });
  await untilReady(replica);
  return replica;
}
