import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Controller } from '@nestjs/common';
import { DomainError, type ParsedRequestOf, type PartOf } from '@trivium/contracts';
import { type NatsProcess, startNats } from '@trivium/local-servers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AnswersStream, type CallContext, type Messaging } from '../src/index.js';
import { connectCaller, count, type Gate, gate, rejection, type Replica, startReplica } from './kit.js';

type Part = PartOf<typeof count>;
type Behaviour = (request: ParsedRequestOf<typeof count>, context: CallContext) => AsyncIterable<Part>;

let behaviour: Behaviour;
/** Parts that the running handler has yielded. */
let yields: number;
let finished: Gate;

/** Yields 1, 2, 3 … and notes when it is left. */
const counting: Behaviour = async function* ({ to, padding }) {
  try {
    for (let n = 1; n <= to; n++) {
      yields += 1;
      yield padding === 0 ? { n } : { n, padding: 'x'.repeat(padding) };
    }
  } finally {
    finished.open();
  }
};

@Controller()
class Handlers {
  @AnswersStream(count)
  count(request: ParsedRequestOf<typeof count>, context: CallContext): AsyncIterable<Part> {
    return behaviour(request, context);
  }
}

let nats: NatsProcess;
let replica: Replica;
let caller: Messaging;

beforeAll(async () => {
  nats = await startNats();
  replica = await startReplica(nats.url, [Handlers]);
  caller = await connectCaller(nats.url);
});
beforeEach(() => {
  behaviour = counting;
  yields = 0;
  finished = gate();
});
afterAll(async () => {
  await caller?.[Symbol.asyncDispose]();
  await replica?.[Symbol.asyncDispose]();
  await nats?.stop();
});

async function collect(parts: AsyncIterable<Part>): Promise<number[]> {
  const numbers: number[] = [];
  for await (const { n } of parts) numbers.push(n);
  return numbers;
}

/** Resolves when the handler has yielded as much as it will. */
async function paused(): Promise<number> {
  let before = -1;
  while (before !== yields) {
    before = yields;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return yields;
}

describe('a stream', () => {
  it('brings every part in order and ends', async () => {
    const numbers = await collect(caller.stream(count, { to: 1_000 }));

    expect(numbers).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1));
  });

  it('may be empty', async () => {
    expect(await collect(caller.stream(count, { to: 0 }))).toEqual([]);
  });

  it('brings what came before an error, then the typed error', async () => {
    behaviour = async function* () {
      yield { n: 1 };
      yield { n: 2 };
      throw new DomainError('conflict', 'No further.', { details: { at: 2 } });
    };
    const seen: number[] = [];

    const error = await rejection(
      (async () => {
        for await (const { n } of caller.stream(count, { to: 5 })) seen.push(n);
      })(),
    );

    expect(seen).toEqual([1, 2]);
    expect(error).toMatchObject({ code: 'conflict', message: 'No further.', details: { at: 2 } });
  });

  it('fails with internal on a part that breaks the contract, and frees the producer', async () => {
    behaviour = async function* () {
      try {
        for (;;) yield { n: 'many' as unknown as number };
      } finally {
        finished.open();
      }
    };

    const error = await rejection(collect(caller.stream(count, { to: 5 })));

    expect(error).toMatchObject({ code: 'internal' });
    await finished.opened;
  });

  it('refuses a part that is too large and leaves the handler', async () => {
    const error = await rejection(collect(caller.stream(count, { to: 5, padding: 2_000_000 })));

    expect(error).toMatchObject({ code: 'payload_too_large' });
    await finished.opened;
  });

  it('is unavailable at once when nobody answers the subject', async () => {
    const error = await rejection(
      collect(caller.stream({ ...count, subject: 'test-service.streamed-by-nobody.v1' }, { to: 1 })),
    );

    expect(error).toMatchObject({ code: 'unavailable', retryable: true });
  });

  it('names the field of a request that breaks the contract', async () => {
    const error = await rejection(collect(caller.stream(count, { to: 'x' as unknown as number })));

    expect(error).toMatchObject({ code: 'invalid_request', param: 'to' });
  });
});

describe('credit', () => {
  it('freezes the producer when the reader stops, at exactly the window', async () => {
    const parts = caller
      .stream(count, { to: 1_000_000 }, { window: 16, deadline: 60_000 })
      [Symbol.asyncIterator]();

    await parts.next();
    expect(await paused()).toBe(16);
    await parts.return?.();
    await finished.opened;
  });

  it('lets a frozen producer go on when the reader does, losing nothing', async () => {
    const parts = caller.stream(count, { to: 200 }, { window: 10 })[Symbol.asyncIterator]();
    const seen: number[] = [];
    for (let result = await parts.next(); result.done !== true; result = await parts.next()) {
      seen.push(result.value.n);
      if (seen.length % 50 === 0) expect(await paused()).toBeLessThanOrEqual(seen.length + 10);
    }

    expect(seen).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
  });

  it('keeps a stream alive whose reader pauses longer than the silence limit', async () => {
    const seen: number[] = [];
    for await (const { n } of caller.stream(count, { to: 40 }, { window: 4 })) {
      seen.push(n);
      if (n === 20) await new Promise((resolve) => setTimeout(resolve, 6_000));
    }

    expect(seen).toHaveLength(40);
  });

  it('keeps a stream alive whose producer thinks longer than the silence limit', async () => {
    behaviour = async function* () {
      yield { n: 1 };
      await new Promise((resolve) => setTimeout(resolve, 6_000));
      yield { n: 2 };
    };

    expect(await collect(caller.stream(count, { to: 2 }))).toEqual([1, 2]);
  });
});

describe('leaving', () => {
  it('the loop frees the producer within a second', async () => {
    for await (const { n } of caller.stream(count, { to: 1_000_000 })) if (n === 5) break;
    const leftAt = performance.now();

    await finished.opened;

    expect(performance.now() - leftAt).toBeLessThan(1_000);
    expect(yields).toBeLessThanOrEqual(5 + 32);
  });

  it('by aborting frees a paused producer within a second', async () => {
    const controller = new AbortController();
    const parts = caller
      .stream(count, { to: 1_000_000 }, { signal: controller.signal })
      [Symbol.asyncIterator]();
    await parts.next();
    await paused();
    const abortedAt = performance.now();

    controller.abort();

    await finished.opened;
    expect(performance.now() - abortedAt).toBeLessThan(1_000);
    expect(await rejection(parts.next())).toMatchObject({ code: 'cancelled' });
    expect(await parts.next()).toEqual({ done: true, value: undefined });
  });

  it('by aborting reaches the signal of a handler that is busy before its first part', async () => {
    const started = gate();
    behaviour = async function* (_request, { signal }) {
      signal.addEventListener('abort', () => finished.open());
      started.open();
      await finished.opened;
      yield { n: 1 };
    };
    const controller = new AbortController();
    const pending = rejection(collect(caller.stream(count, { to: 1 }, { signal: controller.signal })));
    await started.opened;
    const abortedAt = performance.now();

    controller.abort();

    await finished.opened;
    expect(performance.now() - abortedAt).toBeLessThan(1_000);
    expect(await pending).toMatchObject({ code: 'cancelled' });
  });

  it('at the deadline ends both sides', async () => {
    behaviour = async function* (_request, { signal }) {
      yield { n: 1 };
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      finished.open();
    };

    const error = await rejection(collect(caller.stream(count, { to: 1 }, { deadline: 300 })));

    expect(error).toMatchObject({ code: 'deadline_exceeded' });
    await finished.opened;
  });
});

describe('when a process vanishes', () => {
  const readerProcess = (reads: number) =>
    fork(new URL('reader-process.mjs', import.meta.url), [nats.url, count.subject, String(reads)]);

  it('a killed reader frees its paused producer within a second and a half', async () => {
    const child = readerProcess(20);
    await once(child, 'message');
    await paused();
    const killedAt = performance.now();

    child.kill('SIGKILL');

    await finished.opened;
    expect(performance.now() - killedAt).toBeLessThan(1_500);
  });

  it('a reader that is stopped dead, its connection still open, frees its producer by silence', async () => {
    const child = readerProcess(20);
    await once(child, 'message');

    child.kill('SIGSTOP');

    await finished.opened;
    child.kill('SIGKILL');
  });

  it('a killed producer fails its reader within a second and a half instead of leaving it waiting', async () => {
    const subject = 'test-service.count-elsewhere.v1';
    const child = fork(new URL('producer-process.mjs', import.meta.url), [nats.url, subject]);
    await once(child, 'message');
    const parts = caller
      .stream({ ...count, subject }, { to: 3 }, { deadline: 60_000 })
      [Symbol.asyncIterator]();
    for (let n = 1; n <= 3; n++) await parts.next();
    const pending = rejection(parts.next());
    const killedAt = performance.now();

    child.kill('SIGKILL');

    expect(await pending).toMatchObject({ code: 'unavailable', retryable: true });
    expect(performance.now() - killedAt).toBeLessThan(1_500);
  });
});
