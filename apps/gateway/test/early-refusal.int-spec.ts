import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOCAL_KEY, type RunningGateway, startGateway } from './running-gateway.js';

/** More than the buffers of both ends hold, so that a sender is still sending when the answer comes. */
const LARGE = 48 * 1024 * 1024;
const BOUNDARY = 'a-boundary';
const FORM = {
  'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
  head: `--${BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="x"\r\n\r\n`,
};
const JSON_TYPE = { 'content-type': 'application/json', head: '{"model":"' };

let gateway: RunningGateway;

beforeAll(async () => {
  gateway = await startGateway({ GATEWAY_BODY_LIMIT_BYTES: '1048576', GATEWAY_FILE_LIMIT_BYTES: '2097152' });
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

function* pieces(head: string): Generator<Buffer> {
  yield Buffer.from(head);
  const piece = Buffer.alloc(1024 * 1024, 'x');
  for (let sent = 0; sent < LARGE; sent += piece.byteLength) yield piece;
}

interface Refusal {
  readonly status: number;
  readonly body: string;
}

type Send = (path: string, key: string, body: typeof JSON_TYPE) => Promise<Refusal>;

const wholeWithFetch: Send = async (path, key, { head, 'content-type': type }) => {
  const response = await fetch(gateway.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': type },
    body: Buffer.concat([...pieces(head)]),
  });
  return { status: response.status, body: await response.text() };
};

const inChunksWithFetch: Send = async (path, key, { head, 'content-type': type }) => {
  const response = await fetch(gateway.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': type },
    body: ReadableStream.from(pieces(head)),
    duplex: 'half',
  } as RequestInit);
  return { status: response.status, body: await response.text() };
};

/** As clients without an event loop do: nothing is read before everything is written. */
function sendingBeforeListening(chunked: boolean): Send {
  return async (path, key, { head, 'content-type': type }) => {
    const socket = connect(gateway.server.port, '127.0.0.1');
    const length = [...pieces(head)].reduce((sum, piece) => sum + piece.byteLength, 0);
    const framing = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`;
    const write = async (bytes: Buffer | string): Promise<void> => {
      if (!socket.write(bytes)) await once(socket, 'drain');
    };
    socket.pause();
    await write(
      `POST ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\nContent-Type: ${type}\r\n${framing}\r\n\r\n`,
    );
    for (const piece of pieces(head)) {
      if (chunked) await write(`${piece.byteLength.toString(16)}\r\n`);
      await write(piece);
      if (chunked) await write('\r\n');
    }
    if (chunked) await write('0\r\n\r\n');
    socket.resume();
    const answer = await text(socket);
    return {
      status: Number(answer.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length)),
      body: answer.slice(answer.indexOf('\r\n\r\n') + 4),
    };
  };
}

const SENDERS = [
  ['fetch', wholeWithFetch],
  ['fetch in chunks', inChunksWithFetch],
  ['a client that sends before it listens', sendingBeforeListening(false)],
  ['a client that sends in chunks before it listens', sendingBeforeListening(true)],
] as const;

describe.each(SENDERS)('a refusal reaches %s', (_name, send) => {
  it.each([
    ['a body too large', 413, '/v1/chat/completions', LOCAL_KEY, JSON_TYPE, /larger than 1 MiB/],
    ['a file too large', 413, '/v1/files', LOCAL_KEY, FORM, /larger than 2 MiB/],
    ['a document too large', 413, '/v1/documents/ocr', LOCAL_KEY, FORM, /larger than 2 MiB/],
    ['a wrong key', 401, '/v1/files', 'sk-trivium-wrong', FORM, /key is not valid/],
    ['no such route', 404, '/v1/nothing', LOCAL_KEY, JSON_TYPE, /no such route/],
  ])('of %s', async (_what, status, path, key, body, message) => {
    const refusal = await send(path, key, body);

    expect(refusal.status).toBe(status);
    expect((JSON.parse(refusal.body) as { error: { message: string } }).error.message).toMatch(message);
  });
});

it('is given before the body to a client that asks first', async () => {
  const call = request(`${gateway.url}/v1/files`, {
    method: 'POST',
    headers: {
      authorization: 'Bearer sk-trivium-wrong',
      'content-type': FORM['content-type'],
      expect: '100-continue',
    },
  });
  let toldToGoOn = false;
  call.on('continue', () => (toldToGoOn = true));
  call.flushHeaders();
  const [response] = (await once(call, 'response')) as [{ statusCode: number }];
  call.destroy();

  expect(response.statusCode).toBe(401);
  expect(toldToGoOn).toBe(false);
});

it('lets a client go on that asks first and may', async () => {
  const call = request(`${gateway.url}/v1/conversations`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${LOCAL_KEY}`,
      'content-type': 'application/json',
      expect: '100-continue',
    },
  });
  call.flushHeaders();
  await once(call, 'continue');
  call.end('{}');
  const [response] = (await once(call, 'response')) as [{ statusCode: number; resume(): void }];
  response.resume();

  expect(response.statusCode).toBe(200);
});
