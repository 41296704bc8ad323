import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isHttp2 } from './protocol.js';

/** Enough for clients that listen only when all is sent, whatever they send by mistake. */
const MOST_BYTES = 256 * 1024 * 1024;
const LONGEST_MS = 10_000;

type Unread = Pick<FastifyRequest['raw'], 'complete' | 'destroyed'> & Readable;

/** Whether a body was announced of which more is to come than was read. */
export function hasUnreadBody({ raw, headers }: FastifyRequest): boolean {
  if (raw.complete) return false;
  if (isHttp2(raw)) return !raw.stream.endAfterHeaders;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/**
 * Answers while the client still sends. Were the connection closed at once, the bytes on their way
 * would meet a reset, and the client would lose the answer with it; so the answer leaves whole, and
 * what comes is read and forgotten until the client ends, leaves or goes too far.
 */
export function answerBeforeBody(answer: string, request: FastifyRequest, reply: FastifyReply): void {
  const bytes = Buffer.from(answer);
  reply.header('content-length', bytes.byteLength);
  if (!isHttp2(request.raw)) reply.header('connection', 'close');
  void reply.send(Readable.from(answerThenSilence(bytes, request), { objectMode: false }));
}

async function* answerThenSilence(bytes: Buffer, { raw }: FastifyRequest): AsyncGenerator<Buffer> {
  yield bytes;
  await discardRest(raw);
  if (isHttp2(raw) && !raw.complete) raw.stream.close();
}

/** Until the body ends, the client leaves, or it sent too much or for too long. */
export function discardRest(raw: Unread): Promise<void> {
  if (raw.complete || raw.destroyed) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, LONGEST_MS);
  let bytes = 0;
  raw.unpipe();
  raw.once('end', resolve).once('close', resolve);
  raw.on('data', (chunk: Buffer) => {
    bytes += chunk.byteLength;
    if (bytes > MOST_BYTES) resolve();
  });
  raw.resume();
  return promise.finally(() => clearTimeout(timer));
}
