import { randomBytes } from 'node:crypto';
import { Controller } from '@nestjs/common';
import type { ParsedRequestOf, PartOf, ReplyOf } from '@trivium/contracts';
import { freePort, type NatsProcess, startNats } from '@trivium/local-servers';
import { afterEach, describe, expect, it } from 'vitest';
import { AnswersCall, AnswersStream, connectMessaging, type Messaging } from '../src/index.js';
import {
  connectCaller,
  count,
  echo,
  gate,
  recordingLogger,
  rejection,
  type Replica,
  startReplica,
  until,
  work,
} from './kit.js';

let release = gate();
let aborted = gate();

@Controller()
class Handlers {
  @AnswersCall(echo)
  async echo({ text }: ParsedRequestOf<typeof echo>): Promise<ReplyOf<typeof echo>> {
    return { text, by: 'handler' };
  }

  @AnswersCall(work)
  async work({ name }: ParsedRequestOf<typeof work>): Promise<ReplyOf<typeof work>> {
    await release.opened;
    return { name };
  }

  @AnswersStream(count)
  async *count({ to }: ParsedRequestOf<typeof count>): AsyncIterable<PartOf<typeof count>> {
    try {
      for (let n = 1; n <= to; n++) yield { n };
    } finally {
      aborted.open();
    }
  }
}

const cleanup = new AsyncDisposableStack();
const stacks: AsyncDisposableStack[] = [cleanup];
afterEach(async () => {
  for (const stack of stacks.splice(0)) await stack.disposeAsync();
  release = gate();
  aborted = gate();
});

async function start(): Promise<{ nats: NatsProcess; replica: Replica; caller: Messaging }> {
  const stack = new AsyncDisposableStack();
  stacks.push(stack);
  const nats = stack.use(await startNats());
  const replica = stack.use(await startReplica(nats.url, [Handlers]));
  const caller = stack.use(await connectCaller(nats.url));
  return { nats, replica, caller };
}

describe('while the broker is away', () => {
  it('calls, streams and events fail at once as unavailable, and isConnected says so', async () => {
    const { nats, caller, replica } = await start();
    await nats.kill();
    await until(() => !caller.isConnected() && !replica.messaging.isConnected());
    const startedAt = performance.now();

    const errors = await Promise.all([
      rejection(caller.call(echo, { text: 'a' })),
      rejection(caller.stream(count, { to: 1 })[Symbol.asyncIterator]().next()),
      rejection(caller.blobs.put(new Uint8Array(500_000), 'image/png')),
    ]);

    for (const error of errors) expect(error).toMatchObject({ code: 'unavailable', retryable: true });
    expect(performance.now() - startedAt).toBeLessThan(500);
    await nats.restart();
  });

  it('what was in flight fails at once instead of at its deadline, and the producer is freed', async () => {
    const { nats, caller } = await start();
    const call = rejection(caller.call(work, { name: 'x' }, { deadline: 60_000 }));
    const parts = caller.stream(count, { to: 1_000_000 }, { deadline: 60_000 })[Symbol.asyncIterator]();
    await parts.next();
    const killedAt = performance.now();

    await nats.kill();

    expect(await call).toMatchObject({ code: 'unavailable' });
    await aborted.opened;
    const left = (async () => {
      while ((await parts.next()).done !== true) continue;
    })();
    expect(await rejection(left)).toMatchObject({ code: 'unavailable' });
    expect(performance.now() - killedAt).toBeLessThan(2_000);
    release.open();
    await nats.restart();
  });
});

describe('a blob under way when the broker goes', () => {
  it('fails at once, read or written', async () => {
    const { nats, caller } = await start();
    const bytes = randomBytes(30_000_000);
    const image = await caller.blobs.put(bytes, 'image/png');
    const outcomes = [rejection(caller.blobs.get(image)), rejection(caller.blobs.put(bytes, 'image/png'))];
    const killedAt = performance.now();

    await nats.kill();

    for (const error of await Promise.all(outcomes)) expect(error).toMatchObject({ code: 'unavailable' });
    expect(performance.now() - killedAt).toBeLessThan(2_000);
    await nats.restart();
  });
});

describe('when the broker comes back', () => {
  it('after 30 seconds everything works again by itself within three seconds', async () => {
    const { nats, caller, replica } = await start();
    await caller.call(echo, { text: 'before' });
    await nats.kill();
    await until(() => !caller.isConnected());
    await new Promise((resolve) => setTimeout(resolve, 30_000));

    await nats.restart();
    const backAt = performance.now();
    await until(() => caller.isConnected() && replica.messaging.isConnected());

    expect(await answeredAgain(caller)).toEqual({ text: 'after', by: 'handler' });
    expect(performance.now() - backAt).toBeLessThan(3_000);
    let parts = 0;
    for await (const _part of caller.stream(count, { to: 100 })) parts += 1;
    expect(parts).toBe(100);
  });

  it('many times in a row nothing is left behind', async () => {
    const { nats, caller, replica } = await start();
    for (let round = 0; round < 3; round++) {
      await nats.kill();
      await until(() => !caller.isConnected() && !replica.messaging.isConnected());
      await nats.restart();
      await until(() => caller.isConnected() && replica.messaging.isConnected());
      expect(await answeredAgain(caller)).toEqual({ text: 'after', by: 'handler' });
    }
  });
});

describe('connecting', () => {
  it('waits for a broker that is not there yet', async () => {
    const port = await freePort();
    const logger = recordingLogger();
    const connecting = connectMessaging({ name: 'early', servers: `nats://127.0.0.1:${port}`, logger });
    await logger.logged('messaging.waiting-for-broker');

    await using _nats = await startNats({ port });
    await using messaging = await connecting;

    expect(messaging.isConnected()).toBe(true);
  });

  it('stops waiting when it is told to', async () => {
    const controller = new AbortController();
    const logger = recordingLogger();
    const servers = `nats://127.0.0.1:${await freePort()}`;
    const connecting = rejection(
      connectMessaging({ name: 'early', servers, logger, signal: controller.signal }),
    );
    await logger.logged('messaging.waiting-for-broker');

    controller.abort();

    expect(await connecting).toMatchObject({ name: 'AbortError' });
  });

  it('takes credentials from the address and fails at once when they are wrong', async () => {
    await using nats = await startNats({ user: 'trivium', password: 'p@ss/word' });
    const at = (password: string) => `nats://trivium:${encodeURIComponent(password)}@127.0.0.1:${nats.port}`;

    await using messaging = await connectMessaging({ name: 'good', servers: at('p@ss/word') });

    expect(messaging.isConnected()).toBe(true);
    const error = await rejection(connectMessaging({ name: 'bad', servers: at('wrong') }));
    expect(String(error)).toMatch(/authorization/i);
  });
});

/** The replica subscribes again when its own connection is back, which the caller cannot see. */
async function answeredAgain(caller: Messaging): Promise<unknown> {
  for (;;) {
    try {
      return await caller.call(echo, { text: 'after' });
    } catch (error) {
      expect(error).toMatchObject({ code: 'unavailable' });
    }
  }
}
