import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest, RequestPayload } from 'fastify';
import { GATEWAY_CONFIG, type GatewayConfig } from '../gateway.config.js';
import { KeyGuard } from '../keys/key.guard.js';
import { EventStream } from '../streaming/event-stream.js';
import { EventWriter } from '../streaming/event-writer.js';
import { Arrival } from './arrival.js';
import { BodyIntake } from './body-intake.js';
import type { Endpoint } from './endpoint.js';
import type { Exchange } from './exchange.js';
import { FileDownload } from './file-download.js';
import { refuseIdempotencyKey } from './idempotency-key.js';
import { OpenExchanges } from './open-exchanges.js';
import { PlainAnswer } from './plain-answer.js';
import { readInput } from './read-input.js';
import { endpointsOf } from './serves.js';
import { processingHeader } from './timing.js';

type Handler = (input: unknown, exchange: Exchange) => unknown;

/** Registers every method marked with `@Serves` on Fastify itself, past Nest's own router. */
@Injectable()
export class Routes implements OnModuleInit {
  constructor(
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost<FastifyAdapter>,
    @Inject(GATEWAY_CONFIG) private readonly config: GatewayConfig,
    @Inject(Arrival) private readonly arrival: Arrival,
    @Inject(KeyGuard) private readonly guard: KeyGuard,
    @Inject(BodyIntake) private readonly intake: BodyIntake,
    @Inject(OpenExchanges) private readonly exchanges: OpenExchanges,
    @Inject(EventWriter) private readonly writer: EventWriter,
  ) {}

  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    for (const { instance } of this.discovery.getControllers()) {
      for (const { endpoint, method } of endpointsOf((instance as object).constructor)) {
        const handler = (instance as Record<string, Handler>)[method];
        if (handler === undefined) throw new Error(`No method ${method} for ${endpoint.path}`);
        this.#register(fastify, endpoint, handler.bind(instance));
      }
    }
  }

  #register(fastify: FastifyInstance, endpoint: Endpoint, handler: Handler): void {
    const { onRequest, onResponse } = this.arrival.hooksFor(endpoint);
    const changes = endpoint.method === 'POST';
    fastify.route({
      method: endpoint.method,
      url: endpoint.path,
      bodyLimit: this.config.GATEWAY_BODY_LIMIT_BYTES,
      onRequest: [
        onRequest,
        ...this.guard.hookFor(endpoint),
        ...(changes ? [refuseIdempotencyKey, this.intake.admit] : []),
      ],
      preParsing: changes ? [letGoOn, this.intake.bound] : [],
      onResponse,
      handler: async (request, reply) => {
        const exchange = this.exchanges.open(request, reply, request.verifiedKey);
        const answer = await this.#answer(endpoint, handler, request, exchange);
        return this.#send(answer, exchange, request, reply);
      },
    });
  }

  /** When it has answered, nothing holds the body any more, however long the answer takes to leave. */
  async #answer(
    endpoint: Endpoint,
    handler: Handler,
    request: FastifyRequest,
    exchange: Exchange,
  ): Promise<unknown> {
    const answer = await handler(await readInput(endpoint, request, this.intake), exchange);
    request.body = undefined;
    request.heldBytes?.release();
    return answer;
  }

  async #send(
    answer: unknown,
    exchange: Exchange,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    reply.header('openai-processing-ms', processingHeader(request));
    if (answer instanceof EventStream) {
      await this.writer.write(answer, reply, exchange);
      return reply;
    }
    if (answer instanceof FileDownload) return download(answer, reply);
    if (answer instanceof PlainAnswer)
      return reply.code(answer.status).headers(answer.headers).send(answer.body);
    return reply.send(answer);
  }
}

/** For clients that ask before they send; here they have been let in. */
function letGoOn(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: RequestPayload,
  done: (error: null, payload: RequestPayload) => void,
): void {
  if (/^100-continue$/i.test(request.headers.expect ?? '')) reply.raw.writeContinue();
  done(null, payload);
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
