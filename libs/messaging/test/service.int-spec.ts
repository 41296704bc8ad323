import { Controller, type Type } from '@nestjs/common';
import type { ParsedRequestOf, PartOf, ReplyOf } from '@trivium/contracts';
import { type NatsProcess, startNats } from '@trivium/local-servers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AnswersCall, AnswersStream, type CallContext, type Messaging } from '../src/index.js';
import { connectCaller, count, echo, gate, rejection, startReplica, until, work } from './kit.js';

let nats: NatsProcess;
let caller: Messaging;

beforeAll(async () => {
  nats = await startNats();
  caller = await connectCaller(nats.url);
});
afterAll(async () => {
  await caller?.[Symbol.asyncDispose]();
  await nats?.stop();
});

type Working = (request: ParsedRequestOf<typeof work>, context: CallContext) => Promise<ReplyOf<typeof work>>;

function working(behaviour: Working, admission: { concurrency?: number; queue?: number } = {}): Type {
  @Controller()
  class Handlers {
    @AnswersCall(work, admission)
    work(request: ParsedRequestOf<typeof work>, context: CallContext): Promise<ReplyOf<typeof work>> {
      return behaviour(request, context);
    }
  }
  return Handlers;
}

describe('two replicas', () => {
  it('answer every call once between them, and share the work', async () => {
    const answered: string[][] = [[], []];
    const handlers = answered.map((names) => {
      @Controller()
      class Handlers {
        @AnswersCall(echo)
        async echo({ text }: ParsedRequestOf<typeof echo>): Promise<ReplyOf<typeof echo>> {
          names.push(text);
          return { text, by: 'replica' };
        }
      }
      return Handlers;
    });
    await using _first = await startReplica(nats.url, [handlers[0] as Type]);
    await using _second = await startReplica(nats.url, [handlers[1] as Type]);
    const texts = Array.from({ length: 200 }, (_, index) => `t${index}`);

    await Promise.all(texts.map((text) => caller.call(echo, { text })));

    expect([...(answered[0] ?? []), ...(answered[1] ?? [])].sort()).toEqual([...texts].sort());
    expect(answered[0]?.length).toBeGreaterThan(20);
    expect(answered[1]?.length).toBeGreaterThan(20);
  });

  it('never both produce one stream', async () => {
    let opened = 0;
    const handlers = [0, 1].map(() => {
      @Controller()
      class Handlers {
        @AnswersStream(count)
        async *count({ to }: ParsedRequestOf<typeof count>): AsyncIterable<PartOf<typeof count>> {
          opened += 1;
          for (let n = 1; n <= to; n++) yield { n };
        }
      }
      return Handlers;
    });
    await using _first = await startReplica(nats.url, [handlers[0] as Type]);
    await using _second = await startReplica(nats.url, [handlers[1] as Type]);
    const numbers: number[] = [];

    for await (const { n } of caller.stream(count, { to: 50 })) numbers.push(n);

    expect(numbers).toHaveLength(50);
    expect(opened).toBe(1);
  });
});

describe('admission', () => {
  it('works on so many, queues so many, and refuses the rest at once with a time to come back', async () => {
    const release = gate();
    let inside = 0;
    let most = 0;
    const handlers = working(
      async ({ name }) => {
        inside += 1;
        most = Math.max(most, inside);
        await release.opened;
        inside -= 1;
        return { name };
      },
      { concurrency: 2, queue: 3 },
    );
    await using _replica = await startReplica(nats.url, [handlers]);
    const outcomes: Promise<unknown>[] = [];
    for (let n = 0; n < 9; n++) {
      outcomes.push(caller.call(work, { name: `w${n}` }).catch((error: unknown) => error));
    }

    const startedAt = performance.now();
    const refused = await Promise.all(outcomes.slice(5));
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    release.open();
    const done = await Promise.all(outcomes.slice(0, 5));

    for (const error of refused) {
      expect(error).toMatchObject({ code: 'overloaded', retryable: true, retryAfterMs: expect.any(Number) });
    }
    expect(done).toEqual(Array.from({ length: 5 }, (_, n) => ({ name: `w${n}` })));
    expect(most).toBe(2);
  });

  it('takes interactive work first without starving batch work', async () => {
    const release = gate();
    const order: string[] = [];
    const handlers = working(
      async ({ name }) => {
        if (name === 'first') await release.opened;
        order.push(name);
        return { name };
      },
      { concurrency: 1, queue: 13 },
    );
    await using _replica = await startReplica(nats.url, [handlers]);
    const calls = [caller.call(work, { name: 'first' })];
    for (let n = 0; n < 3; n++) calls.push(caller.call(work, { name: `batch${n}` }, { priority: 'batch' }));
    for (let n = 0; n < 10; n++) calls.push(caller.call(work, { name: `interactive${n}` }));
    // One that is refused proves that everything before it has arrived.
    expect(await rejection(caller.call(work, { name: 'one too many' }))).toMatchObject({
      code: 'overloaded',
    });

    release.open();
    await Promise.all(calls);

    expect(order.slice(1, 5)).toEqual(['interactive0', 'interactive1', 'interactive2', 'interactive3']);
    expect(order[5]).toBe('batch0');
    expect(order.indexOf('batch1')).toBeLessThan(order.indexOf('interactive9'));
  });

  it('drops queued work whose deadline has passed, and says how often', async () => {
    const release = gate();
    const done: string[] = [];
    const handlers = working(
      async ({ name }) => {
        if (name === 'slow') await release.opened;
        done.push(name);
        return { name };
      },
      { concurrency: 1, queue: 8 },
    );
    await using replica = await startReplica(nats.url, [handlers]);
    const slow = caller.call(work, { name: 'slow' });

    const error = await rejection(caller.call(work, { name: 'expired' }, { deadline: 150 }));
    await replica.logger.logged('messaging.work-expired');
    release.open();
    await slow;
    await caller.call(work, { name: 'last' });

    expect(error).toMatchObject({ code: 'deadline_exceeded' });
    expect(done).toEqual(['slow', 'last']);
  });

  it('gives a cancelled place in the queue to someone else', async () => {
    const release = gate();
    const done: string[] = [];
    const handlers = working(
      async ({ name }) => {
        if (name === 'slow') await release.opened;
        done.push(name);
        return { name };
      },
      { concurrency: 1, queue: 1 },
    );
    await using _replica = await startReplica(nats.url, [handlers]);
    const slow = caller.call(work, { name: 'slow' });
    const controller = new AbortController();
    const queued = rejection(caller.call(work, { name: 'cancelled' }, { signal: controller.signal }));
    expect(await rejection(caller.call(work, { name: 'refused' }))).toMatchObject({ code: 'overloaded' });

    controller.abort();
    const taken = caller.call(work, { name: 'taken' });
    await queued;
    expect(await rejection(caller.call(work, { name: 'refused' }))).toMatchObject({ code: 'overloaded' });
    release.open();
    await Promise.all([slow, taken]);

    expect(done).toEqual(['slow', 'taken']);
  });
});

describe('draining', () => {
  it('loses nothing under load: another replica takes what this one no longer does', async () => {
    const handlers = () =>
      working(
        async ({ name }) => {
          await new Promise((resolve) => setTimeout(resolve, 5));
          return { name };
        },
        { concurrency: 32, queue: 10_000 },
      );
    const leaving = await startReplica(nats.url, [handlers()]);
    await using _staying = await startReplica(nats.url, [handlers()]);
    let isLoading = true;
    let answered = 0;
    const failures: unknown[] = [];
    const client = async (id: number) => {
      for (let n = 0; isLoading; n++) {
        try {
          const name = `${id}-${n}`;
          expect(await caller.call(work, { name })).toEqual({ name });
          answered += 1;
        } catch (error) {
          failures.push(error);
        }
      }
    };
    const clients = Array.from({ length: 64 }, (_, id) => client(id));
    await until(() => answered > 500);

    await leaving[Symbol.asyncDispose]();
    const answeredBefore = answered;
    await until(() => answered > answeredBefore + 500);
    isLoading = false;
    await Promise.all(clients);

    expect(failures).toEqual([]);
  });

  it('finishes calls, queued calls and streams that are in flight', async () => {
    const release = gate();
    const entered = gate();
    @Controller()
    class Handlers {
      @AnswersCall(work, { concurrency: 1 })
      async work({ name }: ParsedRequestOf<typeof work>): Promise<ReplyOf<typeof work>> {
        entered.open();
        await release.opened;
        return { name };
      }

      @AnswersStream(count)
      async *count({ to }: ParsedRequestOf<typeof count>): AsyncIterable<PartOf<typeof count>> {
        for (let n = 1; n <= to; n++) {
          yield { n };
          await release.opened;
        }
      }
    }
    const replica = await startReplica(nats.url, [Handlers]);
    const calls = [caller.call(work, { name: 'running' }), caller.call(work, { name: 'queued' })];
    const parts = caller.stream(count, { to: 20 })[Symbol.asyncIterator]();
    await Promise.all([entered.opened, parts.next()]);

    const stopped = replica[Symbol.asyncDispose]();
    expect(await rejection(untilRefused(caller))).toMatchObject({ code: 'unavailable' });
    release.open();

    expect(await Promise.all(calls)).toEqual([{ name: 'running' }, { name: 'queued' }]);
    let rest = 0;
    while ((await parts.next()).done !== true) rest += 1;
    expect(rest).toBe(19);
    await stopped;
  });

  it('ends what takes too long with a retryable error, and the process can go', async () => {
    const entered = gate();
    let reason: unknown;
    const handlers = working((_request, { signal }) => {
      entered.open();
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reason = signal.reason;
          reject(new Error('stopped'));
        });
      });
    });
    const replica = await startReplica(nats.url, [handlers], { drainTimeoutMs: 200 });
    const pending = rejection(caller.call(work, { name: 'endless' }));
    await entered.opened;

    await replica[Symbol.asyncDispose]();

    expect(await pending).toMatchObject({ code: 'unavailable', retryable: true });
    expect(reason).toMatchObject({ code: 'unavailable' });
  });
});

/** Calls until the service takes no more. */
async function untilRefused(messaging: Messaging): Promise<never> {
  for (;;) await messaging.call(echo, { text: 'x' }, { deadline: 5_000 });
}
