import { createHash } from 'node:crypto';
import { Controller } from '@nestjs/common';
import { DomainError, type ParsedRequestOf, type ReplyOf } from '@trivium/contracts';
import { type NatsProcess, startNats } from '@trivium/local-servers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AnswersCall, type CallContext, type Messaging } from '../src/index.js';
import {
  connectCaller,
  echo,
  gate,
  rejection,
  type Replica,
  startReplica,
  transfer,
  until,
  work,
} from './kit.js';

let received: { request: unknown; context: CallContext }[] = [];
let behaviour: (request: { name: string }, context: CallContext) => Promise<{ name: string }>;

@Controller()
class Handlers {
  @AnswersCall(echo)
  async echo(request: ParsedRequestOf<typeof echo>, context: CallContext): Promise<ReplyOf<typeof echo>> {
    received.push({ request, context });
    return { text: request.text.repeat(request.times), by: 'handler' };
  }

  @AnswersCall(work)
  work(request: ParsedRequestOf<typeof work>, context: CallContext): Promise<ReplyOf<typeof work>> {
    received.push({ request, context });
    return behaviour(request, context);
  }

  @AnswersCall(transfer)
  async transfer({ image }: ParsedRequestOf<typeof transfer>): Promise<ReplyOf<typeof transfer>> {
    const bytes = image.kind === 'inline' ? image.bytes : new Uint8Array();
    return { image, sha256: createHash('sha256').update(bytes).digest('hex') };
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
  received = [];
  behaviour = async ({ name }) => ({ name });
});
afterEach(() => {
  replica.logger.entries.length = 0;
});
afterAll(async () => {
  await caller?.[Symbol.asyncDispose]();
  await replica?.[Symbol.asyncDispose]();
  await nats?.stop();
});

describe('a call', () => {
  it('brings the parsed request with its defaults to the handler and the reply back', async () => {
    const reply = await caller.call(echo, { text: '三路' });

    expect(reply).toEqual({ text: '三路', by: 'handler' });
    expect(received[0]?.request).toEqual({ text: '三路', times: 1 });
  });

  it('carries tenant, priority, request id and remaining time, whatever characters they hold', async () => {
    await caller.call(
      echo,
      { text: 'a' },
      {
        tenant: '租户 100%\r\nx: y',
        requestId: 'req 1',
        priority: 'batch',
        deadline: 5_000,
      },
    );

    const context = received[0]?.context;
    expect(context?.tenant).toBe('租户 100%\r\nx: y');
    expect(context?.requestId).toBe('req 1');
    expect(context?.priority).toBe('batch');
    expect(context?.remaining()).toBeGreaterThan(3_000);
    expect(context?.remaining()).toBeLessThanOrEqual(5_000);
  });

  it('inherits everything from the context it goes on in', async () => {
    await caller.call(
      echo,
      { text: 'a' },
      { tenant: 't1', requestId: 'r1', priority: 'batch', deadline: 4_000 },
    );
    const context = received[0]?.context as CallContext;

    await caller.call(echo, { text: 'b' }, { context });

    expect(received[1]?.context).toMatchObject({ tenant: 't1', requestId: 'r1', priority: 'batch' });
    expect(received[1]?.context.remaining()).toBeLessThanOrEqual(4_000);
  });

  it('is binary-safe', async () => {
    const bytes = Uint8Array.from({ length: 200_000 }, (_, index) => index % 256);

    const { image, sha256 } = await caller.call(transfer, {
      image: { kind: 'inline', mediaType: 'image/png', bytes },
    });

    expect(sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(image.kind === 'inline' && Buffer.compare(image.bytes, bytes)).toBe(0);
  });

  it('refuses a request that is too large before it is sent', async () => {
    const bytes = new Uint8Array(2_000_000);

    const error = await rejection(
      caller.call(transfer, { image: { kind: 'inline', mediaType: 'x/y', bytes } }),
    );

    expect(error).toMatchObject({ code: 'payload_too_large', retryable: false });
    expect(caller.isConnected()).toBe(true);
  });

  it('names the field that breaks the contract, and the handler never sees the request', async () => {
    const error = await rejection(
      caller.call(transfer, {
        image: { kind: 'inline', mediaType: 'a/b', bytes: new Uint8Array(1) },
        nested: [{ bytes: new Uint8Array(1) }, { bytes: 'text' as unknown as Uint8Array<ArrayBuffer> }],
      }),
    );

    expect(error).toMatchObject({ code: 'invalid_request', param: 'nested[1].bytes' });
  });

  it('brings a typed error back whole', async () => {
    behaviour = async () => {
      throw new DomainError('conflict', 'The head moved.', {
        param: 'expectedHead',
        retryable: false,
        retryAfterMs: 250,
        details: { head: 7 },
      });
    };

    const error = await rejection(caller.call(work, { name: 'x' }));

    expect(DomainError.is(error)).toBe(true);
    expect(error).toMatchObject({
      code: 'conflict',
      message: 'The head moved.',
      param: 'expectedHead',
      retryable: false,
      retryAfterMs: 250,
      details: { head: 7 },
    });
    expect(replica.logger.entries).toEqual([]);
  });

  it('turns an unknown error into internal with the request id, logged where it happened', async () => {
    behaviour = async () => {
      throw new TypeError('secret detail');
    };

    const error = await rejection(caller.call(work, { name: 'x' }, { requestId: 'req-42' }));

    expect(error).toMatchObject({ code: 'internal', retryable: false, details: { requestId: 'req-42' } });
    expect(String(error)).not.toContain('secret');
    const [entry] = replica.logger.entries;
    expect(entry).toMatchObject({ level: 'error', fields: { subject: work.subject, requestId: 'req-42' } });
    expect(String(entry?.fields['err'])).toContain('secret detail');
  });

  it('says internal when the reply breaks the contract', async () => {
    behaviour = async () => ({ name: 7 as unknown as string });

    const error = await rejection(caller.call(work, { name: 'x' }));

    expect(error).toMatchObject({ code: 'internal' });
    expect(String(error)).toContain('name');
  });

  it('is unavailable at once when nobody answers the subject', async () => {
    const startedAt = performance.now();

    const error = await rejection(
      caller.call(
        { ...echo, subject: 'test-service.answered-by-nobody.v1' },
        { text: 'a' },
        { deadline: 10_000 },
      ),
    );

    expect(error).toMatchObject({ code: 'unavailable', retryable: true });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});

describe('a deadline', () => {
  it('ends the call and aborts the handler on both sides', async () => {
    const aborted = gate();
    behaviour = async ({ name }, context) => {
      context.signal.addEventListener('abort', () => aborted.open());
      await aborted.opened;
      return { name };
    };

    const error = await rejection(caller.call(work, { name: 'x' }, { deadline: 150 }));
    await aborted.opened;

    expect(error).toMatchObject({ code: 'deadline_exceeded', retryable: true });
    expect(received[0]?.context.signal.reason).toMatchObject({ code: 'deadline_exceeded' });
    expect(received[0]?.context.remaining()).toBe(0);
  });

  it('that has passed already is not sent', async () => {
    const error = await rejection(caller.call(echo, { text: 'a' }, { deadline: 0 }));

    expect(error).toMatchObject({ code: 'deadline_exceeded' });
    expect(received).toEqual([]);
  });

  it('is never longer than the context has left', async () => {
    behaviour = async ({ name }, context) => {
      if (name === 'inner') await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
      else await caller.call(work, { name: 'inner' }, { context, deadline: 60_000 });
      return { name };
    };
    const startedAt = performance.now();

    const error = await rejection(caller.call(work, { name: 'outer' }, { deadline: 200 }));

    expect(error).toMatchObject({ code: 'deadline_exceeded' });
    expect(performance.now() - startedAt).toBeLessThan(1_500);
    expect(received[1]?.context.remaining()).toBe(0);
  });
});

describe('cancelling', () => {
  it('reaches the signal of the handler within a second and counts what was wasted', async () => {
    const started = gate();
    const aborted = gate();
    behaviour = async ({ name }, { signal }) => {
      signal.addEventListener('abort', () => aborted.open());
      started.open();
      await aborted.opened;
      return { name };
    };
    const controller = new AbortController();
    const pending = rejection(
      caller.call(work, { name: 'x' }, { requestId: 'to-cancel', signal: controller.signal }),
    );
    await started.opened;
    const startedAt = performance.now();

    controller.abort();

    expect(await pending).toMatchObject({ code: 'cancelled', retryable: false });
    await aborted.opened;
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    const wasted = () =>
      replica.logger.entries.find(
        ({ message, fields }) => message === 'messaging.work-wasted' && fields['requestId'] === 'to-cancel',
      );
    await until(() => wasted() !== undefined);
    expect(wasted()?.fields).toMatchObject({ reason: 'cancelled', wastedMs: expect.any(Number) });
  });

  it('before the call is sent sends nothing', async () => {
    const error = await rejection(caller.call(echo, { text: 'a' }, { signal: AbortSignal.abort() }));

    expect(error).toMatchObject({ code: 'cancelled' });
    expect(received).toEqual([]);
  });

  it('an outer call cancels the calls that were made in its context', async () => {
    const started = gate();
    const innerAborted = gate();
    behaviour = async ({ name }, context) => {
      if (name === 'outer') return caller.call(work, { name: 'inner' }, { context });
      context.signal.addEventListener('abort', () => innerAborted.open());
      started.open();
      await innerAborted.opened;
      return { name };
    };
    const controller = new AbortController();
    const pending = rejection(caller.call(work, { name: 'outer' }, { signal: controller.signal }));
    await started.opened;

    controller.abort();

    expect(await pending).toMatchObject({ code: 'cancelled' });
    await innerAborted.opened;
  });
});
