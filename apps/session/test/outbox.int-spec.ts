import { Controller, type DynamicModule, Module } from '@nestjs/common';
import { DomainError, type PayloadOf } from '@trivium/contracts';
import { turnAppended } from '@trivium/contracts/session';
import { type NatsProcess, type PostgresProcess, startNats, startPostgres } from '@trivium/local-servers';
import { connectMessaging, type EventContext, type Messaging, OnEvent } from '@trivium/messaging';
import { Health, loadConfig, platformConfig, startMicroservice } from '@trivium/platform';
import { createLogger } from '@trivium/telemetry';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { Database } from '../src/database/database.js';
import { OutboxRelay } from '../src/outbox/outbox-relay.js';
import { AppendTurn } from '../src/responses/append-turn.js';
import { sessionConfig } from '../src/session.config.js';
import { turn } from './session-replica.js';

type Event = PayloadOf<typeof turnAppended>;

const received: { readonly payload: Event; readonly context: EventContext }[] = [];

@Controller()
class Listener {
  @OnEvent(turnAppended, { consumer: 'outbox-test' })
  take(payload: Event, context: EventContext): Promise<void> {
    received.push({ payload, context });
    return Promise.resolve();
  }
}

@Module({})
class ListenerModule {
  static register(): DynamicModule {
    return { module: ListenerModule, controllers: [Listener] };
  }
}

const logger = createLogger('outbox-test');
const cleanups: (() => Promise<unknown>)[] = [];

let postgres: PostgresProcess;
let nats: NatsProcess;
let operator: pg.Client;

beforeAll(async () => {
  [postgres, nats] = await Promise.all([startPostgres(), startNats()]);
  operator = new pg.Client({ connectionString: postgres.url });
  await operator.connect();
  await listen();
});

beforeEach(() => {
  received.length = 0;
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

let stopListening: () => Promise<void>;

afterAll(async () => {
  await stopListening();
  await operator.end();
  await Promise.all([nats.stop(), postgres.stop()]);
});

async function listen(): Promise<void> {
  const messaging = await connectMessaging({ name: 'listener', servers: nats.url });
  const service = await startMicroservice(ListenerModule.register(), {
    name: 'listener',
    config: loadConfig(platformConfig, {}),
    messaging,
    health: new Health(),
    logger,
    stopping: new AbortController().signal,
  });
  stopListening = async () => {
    await service[Symbol.asyncDispose]();
    await messaging[Symbol.asyncDispose]();
  };
}

/** What one replica has of the outbox, without the calls: those could not arrive while NATS is away. */
async function startRelay(wrap: (messaging: Messaging) => Messaging = (messaging) => messaging) {
  const config = loadConfig(sessionConfig, { DATABASE_URL: postgres.url, SESSION_OUTBOX_POLL_MS: '200' });
  const database = new Database(config, logger);
  await database.open(new AbortController().signal, () => Promise.resolve());
  const messaging = await connectMessaging({ name: 'session', servers: nats.url });
  const relay = new OutboxRelay(database, wrap(messaging), logger, config);
  cleanups.push(async () => {
    await relay.stop();
    await database.close();
    await messaging[Symbol.asyncDispose]();
  });
  return { relay, messaging, appendTurn: new AppendTurn(database, relay) };
}

const waiting = async () => (await operator.query(`SELECT id FROM session.outbox`)).rowCount;
const settled = (count: number) => expect.poll(() => received.length, { timeout: 20_000 }).toBe(count);
const emptied = () => expect.poll(waiting, { timeout: 20_000 }).toBe(0);

it('tells of a turn as soon as it is stored, and forgets the row', async () => {
  const { relay, appendTurn } = await startRelay();
  relay.start();
  const request = turn();

  const { response } = await appendTurn.execute({ ...request, metadata: {} }, 'acme');

  await settled(1);
  expect(received[0]).toMatchObject({
    payload: {
      tenant: 'acme',
      responseId: request.responseId,
      conversationId: null,
      head: 0,
      model: 'trivium',
      usage: request.usage,
      at: response.createdAt,
    },
    context: { tenant: 'acme', messageId: received[0]?.payload.messageId },
  });
  await emptied();
});

it('tells of every turn once though NATS was away and two replicas relay', async () => {
  const first = await startRelay();
  const second = await startRelay();
  first.relay.start();
  second.relay.start();
  const turns = Array.from({ length: 250 }, () => turn());

  await nats.kill();
  await Promise.all(
    turns.map((request, index) =>
      [first, second][index % 2]?.appendTurn.execute({ ...request, metadata: {} }, 'acme'),
    ),
  );
  expect(await waiting()).toBe(turns.length);
  await nats.restart();

  await settled(turns.length);
  await emptied();
  const told = received.map(({ payload }) => payload.responseId).sort();
  expect(told).toEqual(turns.map(({ responseId }) => responseId).sort());
});

it('repeats under the same id when the acknowledgement was lost, so that nobody hears it twice', async () => {
  let lost = 0;
  const { relay, appendTurn } = await startRelay((messaging) => ({
    ...forwarding(messaging),
    publish: async (contract, payload, options) => {
      await messaging.publish(contract, payload, options);
      lost += 1;
      if (lost <= 3) throw new DomainError('unavailable', 'The acknowledgement was lost');
    },
  }));
  relay.start();

  await appendTurn.execute({ ...turn(), metadata: {} }, 'acme');

  await emptied();
  expect(lost).toBe(4);
  await appendTurn.execute({ ...turn(), metadata: {} }, 'acme');
  await settled(2);
  expect(new Set(received.map(({ payload }) => payload.messageId)).size).toBe(2);
});

it('finds what a replica left behind', async () => {
  const crashed = await startRelay();
  await crashed.appendTurn.execute({ ...turn(), metadata: {} }, 'acme');
  expect(await waiting()).toBe(1);

  const { relay } = await startRelay();
  relay.start();

  await settled(1);
  await emptied();
});

it('goes past an event that cannot be published', async () => {
  const { relay, appendTurn } = await startRelay();
  await operator.query(`INSERT INTO session.outbox (id, tenant, subject, payload)
                        VALUES ('evt_odd', 'acme', 'session.unknown.v1', '{}')`);
  relay.start();

  await appendTurn.execute({ ...turn(), metadata: {} }, 'acme');

  await settled(1);
  const { rows } = await operator.query(`SELECT id, attempts FROM session.outbox`);
  expect(rows).toEqual([{ id: 'evt_odd', attempts: expect.any(Number) as number }]);
  await operator.query(`DELETE FROM session.outbox`);
});

it('writes no event for a turn that was refused', async () => {
  const { appendTurn } = await startRelay();

  await expect(
    appendTurn.execute({ ...turn(), metadata: {}, conversationId: 'conv_none' }, 'acme'),
  ).rejects.toMatchObject({ code: 'not_found' });

  expect(await waiting()).toBe(0);
});

function forwarding(messaging: Messaging): Messaging {
  return {
    call: (contract, request, options) => messaging.call(contract, request, options),
    stream: (contract, request, options) => messaging.stream(contract, request, options),
    publish: (contract, payload, options) => messaging.publish(contract, payload, options),
    blobs: messaging.blobs,
    records: (bucket, options) => messaging.records(bucket, options),
    objects: (bucket, options) => messaging.objects(bucket, options),
    isConnected: () => messaging.isConnected(),
    [Symbol.asyncDispose]: () => messaging[Symbol.asyncDispose](),
  };
}
