import type { FastifyReply, FastifyRequest } from 'fastify';
import { EventStream } from '../streaming/event-stream.js';
import type { EventWriter } from '../streaming/event-writer.js';
import type { BodyIntake } from './body-intake.js';
import type { Endpoint } from './endpoint.js';
import type { Exchange } from './exchange.js';
import { FileDownload } from './file-download.js';
import type { OpenExchanges } from './open-exchanges.js';
import { PlainAnswer } from './plain-answer.js';
import { readInput } from './read-input.js';
import { processingHeader } from './timing.js';

export type Handler = (input: unknown, exchange: Exchange) => unknown;

/** From a request that was let in to the answer of its endpoint's method. */
export class Answering {
  constructor(
    private readonly exchanges: OpenExchanges,
    private readonly intake: BodyIntake,
    private readonly writer: EventWriter,
  ) {}

  handlerFor(
    endpoint: Endpoint,
    handler: Handler,
  ): (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply> {
    return async (request, reply) => {
      const exchange = this.exchanges.open(request, reply, request.verifiedKey);
      const answer = await this.#answer(endpoint, handler, request, exchange);
      // From here on nothing holds the body, however long the answer takes to leave.
      request.body = undefined;
      request.heldBytes?.release();
      reply.header('openai-processing-ms', processingHeader(request));
      if (!(answer instanceof EventStream)) return send(answer, reply);
      await this.writer.write(answer, reply, exchange);
      return reply;
    };
  }

  #answer(endpoint: Endpoint, handler: Handler, request: FastifyRequest, exchange: Exchange): unknown {
    const input = readInput(endpoint, request, this.intake);
    return input instanceof Promise
      ? input.then((read) => handler(read, exchange))
      : handler(input, exchange);
  }
}

function send(answer: unknown, reply: FastifyReply): FastifyReply {
  if (answer instanceof FileDownload) return download(answer, reply);
  if (answer instanceof PlainAnswer) {
    return reply.code(answer.status).headers(answer.headers).send(sendable(answer.body));
  }
  return reply.send(answer);
}

function sendable(body: string | Uint8Array): string | Buffer {
  return typeof body === 'string' ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}

/** Never shown by a browser in our name, whatever the bytes are. */
function download({ bytes, filename, mediaType }: FileDownload, reply: FastifyReply): FastifyReply {
  const encoded = encodeURIComponent(filename).replace(
    /['()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return reply
    .header('content-type', mediaType)
    .header('content-disposition', `attachment; filename*=UTF-8''${encoded}`)
    .header('x-content-type-options', 'nosniff')
    .header('content-security-policy', "default-src 'none'; sandbox")
    .send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}
