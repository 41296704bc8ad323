import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Controller, type Type } from '@nestjs/common';
import { DomainError, type PayloadOf } from '@trivium/contracts';
import { type NatsProcess, startNats } from '@trivium/local-servers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EventContext, type Messaging, OnEvent } from '../src/index.js';
import { connectCaller, gate, happened, rejection, startReplica, until } from './kit.js';

type Payload = PayloadOf<typeof happened>;

let nats: NatsProcess;
let publisher: Messaging;

beforeEach(async () => {
  nats = await startNats();
  publisher = await connectCaller(nats.url);
});
afterEach(async () => {
  await publisher?.[Symbol.asyncDispose]();
  await nats?.stop();
});

function consuming(
  handle: (payload: Payload, context: EventContext) => Promise<void>,
  subscription: { consumer: string; concurrency?: number } = { consumer: 'test-consumer' },
): Type {
  @Controller()
  class Handlers {
    @OnEvent(happened, subscription)
    handle(payload: Payload, context: EventContext): Promise<void> {
      return handle(payload, context);
    }
  }
  return Handlers;
}

describe('an event', () => {
  it('is kept for a consumer that starts later, with its message id and tenant', async () => {
    const seen: [Payload, EventContext][] = [];
    await publisher.publish(happened, { n: 1 }, { messageId: 'm1', tenant: '租户' });

    await using _replica = await startReplica(nats.url, [
      consuming(async (payload, context) => void seen.push([payload, context])),
    ]);
    await until(() => seen.length === 1);

    expect(seen).toEqual([[{ n: 1 }, { messageId: 'm1', tenant: '租户' }]]);
  });

  it('published twice under one message id is stored once', async () => {
    const seen: number[] = [];
    await publisher.publish(happened, { n: 1 }, { messageId: 'same' });
    await publisher.publish(happened, { n: 1 }, { messageId: 'same' });
    await publisher.publish(happened, { n: 2 }, { messageId: 'other' });

    await using _replica = await startReplica(nats.url, [consuming(async ({ n }) => void seen.push(n))]);
    await until(() => seen.includes(2));

    expect(seen.sort()).toEqual([1, 2]);
  });

  it('has its effect exactly once though its handler fails and it is delivered again', async () => {
    const attempts = new Map<string, number>();
    const inbox = new Set<string>();
    const effects: number[] = [];
    await using replica = await startReplica(nats.url, [
      consuming(async ({ n }, { messageId }) => {
        const attempt = (attempts.get(messageId) ?? 0) + 1;
        attempts.set(messageId, attempt);
        if (n % 2 === 0 && attempt === 1) throw new Error('the database is away');
        if (inbox.has(messageId)) return;
        inbox.add(messageId);
        effects.push(n);
        if (n % 3 === 0 && attempt < 3) throw new Error('failed after its effect');
      }),
    ]);

    for (let n = 1; n <= 10; n++) await publisher.publish(happened, { n }, { messageId: `m${n}` });
    await until(
      () => effects.length === 10 && (attempts.get('m9') ?? 0) >= 2 && (attempts.get('m6') ?? 0) >= 3,
      20_000,
    );

    expect([...effects].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(replica.logger.entries.some(({ message }) => message === 'messaging.event-failed')).toBe(true);
  });

  it('goes to one of the processes of a consumer and to every consumer', async () => {
    const seen: string[] = [];
    const handlers = (name: string, consumer: string) =>
      consuming(async ({ n }) => void seen.push(`${name}-${n}`), { consumer });
    await using _first = await startReplica(nats.url, [handlers('shared', 'shared')]);
    await using _second = await startReplica(nats.url, [handlers('shared', 'shared')]);
    await using _third = await startReplica(nats.url, [handlers('own', 'own')]);

    for (let n = 0; n < 20; n++) await publisher.publish(happened, { n }, { messageId: `m${n}` });
    await until(() => seen.length >= 40);

    const all = Array.from({ length: 20 }, (_, n) => n);
    expect([...seen].sort()).toEqual(
      [...all.map((n) => `own-${n}`), ...all.map((n) => `shared-${n}`)].sort(),
    );
  });

  it('reaches two handlers of one process that are different consumers', async () => {
    const seen: string[] = [];
    await using _replica = await startReplica(nats.url, [
      consuming(async ({ n }) => void seen.push(`a${n}`), { consumer: 'a' }),
      consuming(async ({ n }) => void seen.push(`b${n}`), { consumer: 'b' }),
    ]);

    await publisher.publish(happened, { n: 1 }, { messageId: 'm1' });
    await until(() => seen.length === 2);

    expect(seen.sort()).toEqual(['a1', 'b1']);
  });

  it('that can never be handled is dropped and said so, and holds up nothing', async () => {
    const seen: number[] = [];
    await using replica = await startReplica(nats.url, [
      consuming(
        async ({ n }) => {
          if (n === 1) throw new DomainError('invalid_request', 'never');
          seen.push(n);
        },
        { consumer: 'strict', concurrency: 1 },
      ),
    ]);

    await publisher.publish(happened, { n: 1 }, { messageId: 'bad' });
    await publisher.publish(happened, { n: 2 }, { messageId: 'good' });
    await until(() => seen.length === 1);

    const entry = await replica.logger.logged('messaging.event-dropped');
    expect(entry.fields).toMatchObject({ messageId: 'bad', consumer: 'strict' });
  });

  it('that breaks its contract is not published', async () => {
    const error = await rejection(
      publisher.publish(happened, { n: 'x' as unknown as number }, { messageId: 'm' }),
    );

    expect(error).toMatchObject({ code: 'invalid_request' });
  });

  it('in flight is finished when the process leaves', async () => {
    const entered = gate();
    const release = gate();
    let done = 0;
    const replica = await startReplica(nats.url, [
      consuming(async () => {
        entered.open();
        await release.opened;
        done += 1;
      }),
    ]);
    await publisher.publish(happened, { n: 1 }, { messageId: 'm1' });
    await entered.opened;

    const stopped = replica[Symbol.asyncDispose]();
    release.open();
    await stopped;

    expect(done).toBe(1);
  });
});

describe('after the broker was away', () => {
  it('events published before are still handled, and new ones too', async () => {
    const seen: number[] = [];
    await using _replica = await startReplica(nats.url, [consuming(async ({ n }) => void seen.push(n))]);
    await publisher.publish(happened, { n: 1 }, { messageId: 'm1' });
    await until(() => seen.length === 1);

    await nats.kill();
    await until(() => !publisher.isConnected());
    expect(await rejection(publisher.publish(happened, { n: 9 }, { messageId: 'm9' }))).toMatchObject({
      code: 'unavailable',
      retryable: true,
    });
    await nats.restart();
    await until(() => publisher.isConnected(), 10_000);
    await publisher.publish(happened, { n: 2 }, { messageId: 'm2' });

    await until(() => seen.includes(2), 60_000);
    expect(seen).toEqual([1, 2]);
  });

  it('with its streams gone, publisher and consumer make them again', async () => {
    const seen: number[] = [];
    await using _replica = await startReplica(nats.url, [consuming(async ({ n }) => void seen.push(n))]);
    await publisher.publish(happened, { n: 1 }, { messageId: 'm1' });
    await until(() => seen.length === 1);
    const admin = await connect({ servers: nats.url });
    const manager = await jetstreamManager(admin);
    for await (const name of manager.streams.names()) await manager.streams.delete(name);
    await admin.close();

    await publisher.publish(happened, { n: 2 }, { messageId: 'm2' });

    await until(() => seen.includes(2), 90_000);
  });
});
