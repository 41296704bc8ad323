import type { AddressInfo } from 'node:net';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { NestLogger, PlatformModule, type RunningService, type StartContext } from '@trivium/platform';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { answerBrokenRequest } from '../errors/broken-request.js';
import { answerFailure } from '../errors/answer-failure.js';
import { toFailure } from '../errors/failure.js';
import type { GatewayConfig } from '../gateway.config.js';
import { GatewayModule } from '../gateway.module.js';
import { Admission } from '../grpc/admission.js';
import { GrpcServer } from '../grpc/grpc-server.js';
import { KeyGuard } from '../keys/key.guard.js';
import { Infer } from '../v2/infer.js';
import { ModelControl } from '../v2/model-control.js';
import { Arrival, identify } from './arrival.js';
import { BodyBudget } from './body-budget.js';
import { OpenExchanges } from './open-exchanges.js';
import { newRequestId } from './request-id.js';

export interface EdgeServer extends RunningService {
  readonly port: number;
  readonly grpcPort: number;
}

/** Longer than load balancers keep idle connections, so that it is never us who closes one they just used. */
const KEEP_ALIVE_MS = 75_000;
/** For one whole request to arrive; slow senders hold nothing longer. */
const RECEIVE_MS = 120_000;

export async function startEdgeServer(context: StartContext<GatewayConfig>): Promise<EdgeServer> {
  const app = await NestFactory.create<NestFastifyApplication>(
    {
      module: RootModule,
      imports: [PlatformModule.for(context), GatewayModule.register(context.config)],
    },
    new FastifyAdapter(fastifyOptions(context.config)),
    { bodyParser: false, logger: new NestLogger(context.logger), abortOnError: false },
  );
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  const exchanges = app.get(OpenExchanges);
  prepare(fastify, app.get(Arrival));
  await app.listen({ port: context.config.PORT, host: context.config.HOST });
  const { address, port } = fastify.server.address() as AddressInfo;
  const grpc = await startGrpc(app, context);
  context.logger.info({ address, port, grpcPort: grpc.port }, 'gateway.listening');
  return {
    port,
    grpcPort: grpc.port,
    drain: async (timeoutMs) => {
      // Takes no new connection; those that are open carry their last answers.
      fastify.server.close();
      await Promise.all([exchanges.drain(timeoutMs), grpc.drain(timeoutMs)]);
      if ('closeAllConnections' in fastify.server) fastify.server.closeAllConnections();
    },
    [Symbol.asyncDispose]: async () => app.close(),
  };
}

/** Behind the same keys, limits and memory as HTTP. */
function startGrpc(
  app: NestFastifyApplication,
  { config, health, logger }: StartContext<GatewayConfig>,
): ReturnType<typeof GrpcServer.start> {
  return GrpcServer.start({
    config,
    health,
    logger,
    admission: new Admission(app.get(KeyGuard), app.get(BodyBudget), config.GATEWAY_BODY_LIMIT_BYTES, logger),
    limits: { defaultMs: config.GATEWAY_REQUEST_TIMEOUT_MS, mostMs: config.GATEWAY_MAX_TIMEOUT_MS },
    infer: app.get(Infer),
    control: app.get(ModelControl),
  });
}

@Module({})
class RootModule {}

function fastifyOptions(config: GatewayConfig): object {
  const { GATEWAY_TLS_KEY: key, GATEWAY_TLS_CERT: cert } = config;
  return {
    bodyLimit: config.GATEWAY_BODY_LIMIT_BYTES,
    requestTimeout: RECEIVE_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    exposeHeadRoutes: false,
    skipMiddie: true,
    multipart: false,
    // Before any hook: a path that is no path.
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      identify(request, reply);
      answerFailure(toFailure(error, request.id), request, reply);
    },
    clientErrorHandler: answerBrokenRequest,
    genReqId: newRequestId,
    routerOptions: { maxParamLength: 256, ignoreTrailingSlash: true },
    ...(key && cert ? { http2: true, https: { allowHTTP1: true, key, cert } } : {}),
  };
}

function prepare(fastify: FastifyInstance, { lost }: Arrival): void {
  // A client that asks before it sends a large body hears of a refusal instead of being told to go on.
  fastify.server.on('checkContinue', (raw, response) => fastify.server.emit('request', raw, response));
  fastify.removeContentTypeParser('text/plain');
  // Set by the first hook of each request; declared here so that all requests share one shape.
  fastify.decorateRequest('arrivedAt');
  fastify.decorateRequest('verifiedKey');
  fastify.decorateRequest('heldBytes', undefined);
  fastify.addHook('onRequest', lost.onRequest);
  fastify.addHook('onResponse', lost.onResponse);
}
