import { type Msg, type NatsConnection } from '@nats-io/nats-core';
import { connect } from '@nats-io/transport-node';
import { Controller } from '@nestjs/common';
import type { ParsedRequestOf, PartOf, ReplyOf } from '@trivium/contracts';
import { type NatsProcess, startNats } from '@trivium/local-servers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AnswersCall, AnswersStream, type Messaging } from '../src/index.js';
import { decodeFrame, encodeCredit, encodeFrame, FRAME } from '../src/stream/frame.js';
import { decodeError, encodeBody } from '../src/wire/body.js';
import { encodeRequestHeaders } from '../src/wire/headers.js';
import { connectCaller, count, echo, gate, rejection, type Replica, startReplica } from './kit.js';

/** Peers that misbehave: everything here speaks the protocol by hand. */
let nats: NatsProcess;
let raw: NatsConnection;
let replica: Replica;
let caller: Messaging;
let calls = 0;
let left = gate();

@Controller()
class Handlers {
  @AnswersCall(echo)
  async echo({ text }: ParsedRequestOf<typeof echo>): Promise<ReplyOf<typeof echo>> {
    calls += 1;
    return { text, by: 'handler' };
  }

  @AnswersStream(count)
  async *count({ to }: ParsedRequestOf<typeof count>): AsyncIterable<PartOf<typeof count>> {
    try {
      for (let n = 1; n <= to; n++) yield { n };
    } finally {
      left.open();
    }
  }
}

beforeAll(async () => {
  nats = await startNats();
  raw = await connect({ servers: nats.url });
  replica = await startReplica(nats.url, [Handlers]);
  caller = await connectCaller(nats.url);
});
beforeEach(() => {
  calls = 0;
  left = gate();
});
afterAll(async () => {
  await raw?.close();
  await caller?.[Symbol.asyncDispose]();
  await replica?.[Symbol.asyncDispose]();
  await nats?.stop();
});

const headers = (remainingMs: number, window = 0) =>
  encodeRequestHeaders({
    remainingMs,
    requestId: 'by-hand',
    tenant: '',
    priority: 'interactive',
    window,
    trace: undefined,
  });

/** Answers one stream on a subject of its own, frame by frame. */
async function produce(
  subject: `${string}.${string}.v${number}`,
  frames: (send: (frame: Uint8Array) => void) => void,
) {
  const control = `${subject}.control`;
  raw.subscribe(control, { callback: () => undefined });
  raw.subscribe(subject, {
    callback: (_error, message: Msg) =>
      frames((frame) => raw.publish(message.reply ?? '', frame, { reply: control })),
  });
  await raw.flush();
  return { ...count, subject };
}

async function read(contract: typeof count): Promise<number[]> {
  const numbers: number[] = [];
  for await (const { n } of caller.stream(contract, { to: 1 })) numbers.push(n);
  return numbers;
}

describe('a request', () => {
  it('whose time is over when it arrives is dropped and counted, not done', async () => {
    raw.publish(echo.subject, encodeBody({ text: 'late' }), { reply: 'nobody.listens', headers: headers(0) });

    const entry = await replica.logger.logged('messaging.work-expired');

    expect(entry.fields).toMatchObject({ subject: echo.subject, requestId: 'by-hand' });
    expect(calls).toBe(0);
  });

  it('that is no MessagePack is refused', async () => {
    const reply = await raw.request(echo.subject, Uint8Array.from([1, 2, 3]), {
      timeout: 2_000,
      headers: headers(1_000),
    });

    expect(decodeError(reply.data)).toMatchObject({ code: 'invalid_request' });
    expect(calls).toBe(0);
  });
});

describe('a producer', () => {
  it('whose parts are lost on the way fails its reader instead of leaving a hole', async () => {
    const contract = await produce('by-hand.lose-part.v1', (send) => {
      send(encodeFrame(FRAME.open, 0, undefined));
      send(encodeFrame(FRAME.part, 0, { n: 1 }));
      send(encodeFrame(FRAME.part, 2, { n: 3 }));
    });

    const error = await rejection(read(contract));

    expect(error).toMatchObject({
      code: 'unavailable',
      retryable: true,
      details: { expected: 1, received: 2 },
    });
  });

  it('that loses its last parts cannot end as if nothing were missing', async () => {
    const contract = await produce('by-hand.lose-end.v1', (send) => {
      send(encodeFrame(FRAME.part, 0, { n: 1 }));
      send(encodeFrame(FRAME.end, 3, undefined));
    });

    expect(await rejection(read(contract))).toMatchObject({
      code: 'unavailable',
      details: { expected: 1, received: 3 },
    });
  });

  it('that falls silent though its connection lives fails its reader', async () => {
    const contract = await produce('by-hand.fall-silent.v1', (send) =>
      send(encodeFrame(FRAME.part, 0, { n: 1 })),
    );
    const startedAt = performance.now();

    const error = await rejection(read(contract));

    expect(error).toMatchObject({ code: 'unavailable', message: expect.stringContaining('silent') });
    expect(performance.now() - startedAt).toBeLessThan(7_000);
  });

  it('that speaks nonsense fails its reader', async () => {
    const contract = await produce('by-hand.speak-nonsense.v1', (send) => send(Uint8Array.from([0xc1])));

    expect(await rejection(read(contract))).toMatchObject({ code: 'internal' });
  });
});

describe('a reader', () => {
  it('that grants credit is sent exactly that many parts more', async () => {
    const inbox = 'by-hand.reader.credit';
    const frames: Msg[] = [];
    const enough = gate();
    raw.subscribe(inbox, {
      callback: (_error, message) => {
        frames.push(message);
        if (frames.length === 1 + 3 + 4) enough.open();
        if (frames.length === 1 + 3) raw.publish(message.reply ?? '', encodeCredit(7));
      },
    });

    raw.publish(count.subject, encodeBody({ to: 100 }), { reply: inbox, headers: headers(60_000, 3) });
    await enough.opened;
    raw.publish(frames[0]?.reply ?? '', encodeCredit(-1));
    await left.opened;

    const [kinds, sequences] = [0, 1].map((index) => frames.map((frame) => frameOf(frame)[index]));
    expect(kinds?.slice(0, 8)).toEqual([0, 1, 1, 1, 1, 1, 1, 1]);
    expect(sequences?.slice(1, 8)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('that never says a word is given up', async () => {
    raw.subscribe('by-hand.reader.mute', { callback: () => undefined });
    await raw.flush();

    raw.publish(count.subject, encodeBody({ to: 100 }), {
      reply: 'by-hand.reader.mute',
      headers: headers(60_000, 3),
    });

    const startedAt = performance.now();
    await left.opened;
    expect(performance.now() - startedAt).toBeLessThan(7_000);
  });
});

function frameOf(message: Msg): readonly unknown[] {
  const { kind, sequence } = decodeFrame(message.data);
  return [kind, sequence];
}
