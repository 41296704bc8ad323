import multipart from '@fastify/multipart';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { Answering, type Handler } from './answering.js';
import type { Endpoint } from './endpoint.js';
import { Entrance } from './entrance.js';
import { BYTES_TYPE } from './read-input.js';
import { endpointsOf } from './serves.js';

interface Route {
  readonly endpoint: Endpoint;
  readonly handler: Handler;
}

const takesBytes = ({ endpoint: { bytes } }: Route) => bytes !== undefined && !bytes.everyType;
const takesEveryType = ({ endpoint: { bytes } }: Route) => bytes?.everyType === true;

/** Registers every method marked with `@Serves` on Fastify itself, past Nest's own router. */
@Injectable()
export class Routes implements OnModuleInit {
  constructor(
    @Inject(DiscoveryService) private readonly discovery: DiscoveryService,
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost<FastifyAdapter>,
    @Inject(Entrance) private readonly entrance: Entrance,
    @Inject(Answering) private readonly answering: Answering,
  ) {}

  onModuleInit(): void {
    const fastify = this.host.httpAdapter.getInstance<FastifyInstance>();
    const routes = this.#routes();
    const plain = ({ endpoint }: Route) => endpoint.form === undefined && endpoint.bytes === undefined;
    for (const route of routes.filter(plain)) this.#register(fastify, route);
    // Elsewhere plain bytes are an unsupported media type.
    this.#registerBytes(fastify, BYTES_TYPE, routes.filter(takesBytes));
    this.#registerBytes(fastify, '*', routes.filter(takesEveryType));
    // The plugin hooks into every request of its scope, so it gets one of its own.
    fastify.register(async (forms) => {
      await forms.register(multipart, { throwFileSizeLimit: false });
      for (const route of routes) if (route.endpoint.form !== undefined) this.#register(forms, route);
    });
  }

  #routes(): Route[] {
    return this.discovery.getControllers().flatMap(({ instance }) =>
      endpointsOf((instance as object).constructor).map(({ endpoint, method }) => {
        const handler = (instance as Record<string, Handler>)[method];
        if (handler === undefined) throw new Error(`No method ${method} for ${endpoint.path}`);
        return { endpoint, handler: handler.bind(instance) };
      }),
    );
  }

  #registerBytes(fastify: FastifyInstance, type: string, routes: readonly Route[]): void {
    fastify.register(async (scope) => {
      if (type === '*') scope.removeAllContentTypeParsers();
      scope.addContentTypeParser(type, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
      for (const route of routes) this.#register(scope, route);
    });
  }

  #register(fastify: FastifyInstance, { endpoint, handler }: Route): void {
    fastify.route({
      method: endpoint.method,
      url: endpoint.path,
      ...this.entrance.hooksFor(endpoint),
      handler: this.answering.handlerFor(endpoint, handler),
    });
  }
}
