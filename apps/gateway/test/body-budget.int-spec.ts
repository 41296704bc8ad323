import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { routeDecided, turnEnd } from './fake-services.js';
import { dataUrl, png } from './pictures.js';
import { LOCAL_KEY, type RunningGateway, startGateway } from './running-gateway.js';

const MIB = 1024 * 1024;
const PART = Buffer.from('--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\n');
const END = Buffer.from('\r\n--b--\r\n');

let gateway: RunningGateway;

beforeEach(async () => {
  gateway = await startGateway({
    GATEWAY_BODY_LIMIT_BYTES: String(2 * MIB),
    GATEWAY_FILE_LIMIT_BYTES: String(2 * MIB),
    GATEWAY_BODY_BUDGET_BYTES: String(4 * MIB),
  });
});
afterEach(async () => {
  await gateway[Symbol.asyncDispose]();
});

/** A request of which the head is sent; the rest is the test's affair. */
function begin(headers: Record<string, string>): ClientRequest {
  const call = request(`${gateway.url}/v1/documents/ocr`, {
    method: 'POST',
    headers: { authorization: `Bearer ${LOCAL_KEY}`, expect: '100-continue', ...headers },
  });
  call.on('error', () => undefined);
  call.flushHeaders();
  return call;
}

async function answerOf(call: ClientRequest): Promise<{ status: number; retryAfter: unknown; code: string }> {
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  const { error } = (await json(response)) as { error?: { code: string } };
  return {
    status: response.statusCode ?? 0,
    retryAfter: response.headers['retry-after'],
    code: error?.code ?? '',
  };
}

const OVERLOADED = { status: 503, retryAfter: '1', code: 'overloaded' };
const FORM = { 'content-type': 'multipart/form-data; boundary=b' };
const JSON_TYPE = { 'content-type': 'application/json' };

describe('bodies that together would take too much memory', () => {
  it.each([
    ['JSON', JSON_TYPE],
    ['forms', FORM],
  ])('are refused before they are sent: %s', async (_what, type) => {
    const declared = { ...type, 'content-length': String(1.5 * MIB) };
    const first = begin(declared);
    await once(first, 'continue');
    const second = begin(declared);
    await once(second, 'continue');

    expect(await answerOf(begin(declared))).toEqual(OVERLOADED);
    first.destroy();
    second.destroy();
  });

  it.each([
    ['JSON', JSON_TYPE, Buffer.from('{"document":"')],
    ['forms', FORM, PART],
  ])('are refused as they come when nobody knew their size: %s', async (_what, type, head) => {
    const calls = Array.from({ length: 4 }, () => begin({ ...type, 'transfer-encoding': 'chunked' }));
    await Promise.all(calls.map((call) => once(call, 'continue')));
    const answered = Promise.race(calls.map(answerOf));
    for (const call of calls) {
      call.write(head);
      call.write(Buffer.alloc(1.5 * MIB, 'x'));
    }

    expect(await answered).toEqual(OVERLOADED);
    for (const call of calls) call.destroy();
  });

  it('make room when they were answered, and when their clients leave', async () => {
    const size = 1.9 * MIB;
    const length = String(PART.byteLength + Math.floor(size) + END.byteLength);
    const left = begin({ ...FORM, 'content-length': length });
    await once(left, 'continue');
    const answered = begin({ ...FORM, 'content-length': length });
    await once(answered, 'continue');
    expect(await answerOf(begin({ ...FORM, 'content-length': length }))).toEqual(OVERLOADED);
    answered.end(Buffer.concat([PART, Buffer.alloc(Math.floor(size), 'x'), END]));
    expect(await answerOf(answered)).toMatchObject({ status: 200 });

    const next = begin({ ...FORM, 'content-length': length });
    await once(next, 'continue');
    left.destroy();
    next.destroy();
    await expect
      .poll(async () => {
        const another = begin({ ...FORM, 'content-length': String(3 * MIB) });
        const outcome = await Promise.race([
          once(another, 'continue').then(() => 'let in'),
          answerOf(another).then(({ code }) => code),
        ]);
        another.destroy();
        return outcome;
      })
      .toBe('let in');
  });

  it('make room as soon as they are understood, though their answers still stream', async () => {
    const go = Promise.withResolvers<void>();
    gateway.services.turn = async function* () {
      yield routeDecided;
      yield { type: 'text-delta', text: 'begun' };
      await go.promise;
      yield turnEnd();
    };
    const url = dataUrl('image/png', Buffer.concat([await png(), Buffer.alloc(MIB)]));
    const content = [{ type: 'image_url', image_url: { url } }];
    const body = { model: 'trivium', stream: true, messages: [{ role: 'user', content }] };
    const streams = [];
    for (let opened = 0; opened < 6; opened += 1) {
      streams.push(await gateway.post('/v1/chat/completions', body));
    }
    go.resolve();

    expect(streams.map(({ status }) => status)).toEqual(streams.map(() => 200));
    await Promise.all(streams.map((stream) => stream.text()));
  });
});
