import { appendItems, createConversation, type Item } from '@trivium/contracts/session';
import { type NatsProcess, type PostgresProcess, startNats, startPostgres } from '@trivium/local-servers';
import type { Messaging } from '@trivium/messaging';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFrozenProxy } from './frozen-proxy.js';
import {
  ACME,
  allItems,
  connectClient,
  type Replica,
  say,
  startReplica,
  textOf,
  untilReady,
} from './session-replica.js';

let postgres: PostgresProcess;
let nats: NatsProcess;
let client: Messaging;

beforeAll(async () => {
  [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
  client = await connectClient(nats.url);
});

afterAll(async () => {
  await client[Symbol.asyncDispose]();
  await Promise.all([nats.stop(), postgres.stop()]);
});

const servers = () => ({ natsUrl: nats.url, databaseUrl: postgres.url });
const create = async () => (await client.call(createConversation, {}, ACME)).id;
const append = (conversationId: string, text: string) =>
  client.call(appendItems, { conversationId, items: [say(text)] }, ACME);

async function postgresReason({ health }: Replica): Promise<string | undefined> {
  const { checks } = await health.readiness();
  return checks.find(({ name }) => name === 'postgres')?.reason;
}

it('starts without PostgreSQL: answers unavailable at once, is not ready, and comes by itself', async () => {
  await postgres.kill();
  await using replica = await startReplica(servers());

  const startedAt = performance.now();
  await expect(client.call(createConversation, {}, ACME)).rejects.toMatchObject({
    code: 'unavailable',
    retryable: true,
    retryAfterMs: expect.any(Number) as number,
  });
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  expect(await postgresReason(replica)).toBe('PostgreSQL has not been reached yet');

  await postgres.restart();
  await untilReady(replica);
  expect(await client.call(createConversation, {}, ACME)).toMatchObject({ head: 0 });
});

it('stops at once while it waits for PostgreSQL', async () => {
  const replica = await startReplica({
    ...servers(),
    databaseUrl: 'postgres://nobody:nothing@127.0.0.1:1/none',
  });
  const startedAt = performance.now();

  await replica[Symbol.asyncDispose]();

  expect(performance.now() - startedAt).toBeLessThan(2_000);
});

describe('PostgreSQL killed under appends', () => {
  it('loses nothing that was acknowledged, fails fast meanwhile, and heals', async () => {
    await using first = await startReplica(servers());
    await using second = await startReplica(servers());
    await Promise.all([untilReady(first), untilReady(second)]);
    const conversationId = await create();
    const acknowledged: Item[] = [];
    const failures: { readonly code: unknown; readonly tookMs: number }[] = [];
    let writing = true;
    const busy = Promise.withResolvers<void>();
    const write = async (writer: number) => {
      for (let n = 0; writing; n += 1) {
        const startedAt = performance.now();
        try {
          acknowledged.push(...(await append(conversationId, `${writer}/${n}`)).items);
        } catch (error) {
          failures.push({
            code: (error as { code?: unknown }).code,
            tookMs: performance.now() - startedAt,
          });
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        if (acknowledged.length > 300) busy.resolve();
      }
    };
    const writers = Array.from({ length: 20 }, (_, writer) => write(writer));

    await busy.promise;
    await postgres.kill('SIGKILL');
    const beforeRestart = acknowledged.length;
    await untilReady(first, false);
    await postgres.restart();
    await Promise.all([untilReady(first), untilReady(second)]);
    await expect.poll(() => acknowledged.length, { timeout: 10_000 }).toBeGreaterThan(beforeRestart + 100);
    writing = false;
    await Promise.all(writers);

    const stored = await allItems(client, conversationId);
    const byId = new Map(stored.map((item) => [item.id, item]));
    for (const item of acknowledged) expect(byId.get(item.id)).toEqual(item);
    expect(stored.map(({ sequence }) => sequence)).toEqual(stored.map((_, index) => index + 1));
    expect(new Set(stored.map(textOf)).size).toBe(stored.length);
    expect(failures.length).toBeGreaterThan(0);
    expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(['unavailable']));
    expect(Math.max(...failures.map(({ tookMs }) => tookMs))).toBeLessThan(3_000);
  });
});

it('goes on after an operator ended every connection', async () => {
  await using replica = await startReplica(servers());
  await untilReady(replica);
  const conversationId = await create();
  await Promise.all(Array.from({ length: 20 }, (_, n) => append(conversationId, String(n))));

  const operator = new pg.Client({ connectionString: postgres.url });
  await operator.connect();
  await operator.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                        WHERE application_name = 'trivium-session'`);
  await operator.end();

  // One call may still be handed a connection whose end has not been seen yet; it is told to repeat.
  const after = { conversationId, items: [say('after')], expectedHead: 20 };
  await expect
    .poll(() => client.call(appendItems, after, ACME).catch((error: unknown) => error), { timeout: 5_000 })
    .toMatchObject({ head: 21 });
});

describe('a server that fell silent without closing a connection', () => {
  async function startBehindProxy() {
    const proxy = await startFrozenProxy(postgres);
    const databaseUrl = postgres.url.replace(`:${postgres.port}/`, `:${proxy.port}/`);
    const replica = await startReplica(
      { ...servers(), databaseUrl },
      { SESSION_POOL_SIZE: '4', SESSION_CONNECT_TIMEOUT_MS: '500', SESSION_STATEMENT_TIMEOUT_MS: '500' },
    );
    await untilReady(replica);
    const conversationId = await create();
    const appendMany = () =>
      Promise.all(
        Array.from({ length: 12 }, async (_, n) => {
          const startedAt = performance.now();
          const outcome: unknown = await append(conversationId, String(n)).catch((error: unknown) => error);
          return { outcome, tookMs: performance.now() - startedAt };
        }),
      );
    await appendMany();
    return { proxy, replica, conversationId, appendMany };
  }

  it('costs its callers a bounded wait, and nothing once it speaks again', async () => {
    const { proxy, replica, appendMany } = await startBehindProxy();

    proxy.freeze();
    for (const { outcome, tookMs } of await appendMany()) {
      expect(outcome).toMatchObject({ code: 'unavailable', retryable: true });
      expect(tookMs).toBeLessThan(2_500);
    }
    expect(await postgresReason(replica)).toBeDefined();

    proxy.thaw();
    await untilReady(replica);
    for (const { outcome } of await appendMany()) expect(outcome).toHaveProperty('head');
    await replica[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
  });

  it('is asked over new connections: the dead ones are not lent again', async () => {
    const { proxy, replica, appendMany } = await startBehindProxy();

    proxy.freezeExisting();
    await appendMany();

    for (const { outcome } of await appendMany()) expect(outcome).toHaveProperty('head');
    await replica[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
  });
});
