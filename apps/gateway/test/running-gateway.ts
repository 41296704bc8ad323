import 'reflect-metadata';
import type { Type } from '@nestjs/common';
import { type NatsProcess, startNats } from '@trivium/local-servers';
import { connectMessaging, type Messaging } from '@trivium/messaging';
import {
  Health,
  loadConfig,
  platformConfig,
  type RunningService,
  startMicroservice,
  type StartContext,
} from '@trivium/platform';
import { createLogger, setLogLevel } from '@trivium/telemetry';
import OpenAI from 'openai';
import { type GatewayConfig, gatewayConfig } from '../src/gateway.config.js';
import { type EdgeServer, startEdgeServer } from '../src/http/edge-server.js';
import { conforming } from './conforming.js';
import { FakeServices } from './fake-services.js';

export const LOCAL_KEY = 'sk-trivium-local-key-of-the-tests';

export interface RunningGateway extends AsyncDisposable {
  readonly url: string;
  readonly nats: NatsProcess;
  readonly services: FakeServices;
  readonly health: Health;
  /** What the gateway sends its calls through. */
  readonly messaging: Messaging;
  readonly server: EdgeServer;
  readonly client: OpenAI;
  /** With the local key, unless told otherwise. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
}

/** A gateway with its doubles behind it, on a broker of its own and free ports. */
export async function startGateway(
  environment: Readonly<Record<string, string>> = {},
): Promise<RunningGateway> {
  setLogLevel('fatal');
  const nats = await startNats();
  const services = new FakeServices();
  const behind = await serviceContext('fakes', nats.url, {});
  services.blobs = behind.messaging.blobs;
  const fakes = await startMicroservice(services.module() as Type, behind);
  const context = await serviceContext('gateway', nats.url, {
    HOST: '127.0.0.1',
    PORT: '0',
    GRPC_PORT: '0',
    TRIVIUM_API_KEY: LOCAL_KEY,
    ...environment,
  });
  const server = await startEdgeServer(context);
  context.health.setNotReady(undefined);
  const url = `${environment['GATEWAY_TLS_KEY'] === undefined ? 'http' : 'https'}://127.0.0.1:${server.port}`;
  const send = (path: string, init: RequestInit = {}) =>
    conforming(url + path, {
      ...init,
      headers: { authorization: `Bearer ${LOCAL_KEY}`, ...(init.headers as Record<string, string>) },
    });
  return {
    url,
    nats,
    services,
    health: context.health,
    messaging: context.messaging,
    server,
    client: new OpenAI({ baseURL: `${url}/v1`, apiKey: LOCAL_KEY, maxRetries: 0, fetch: conforming }),
    fetch: send,
    post: (path, body, headers = {}) =>
      send(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    [Symbol.asyncDispose]: async () => {
      await dispose(server);
      await dispose(fakes);
      await context.messaging[Symbol.asyncDispose]();
      await behind.messaging[Symbol.asyncDispose]();
      await nats.stop();
    },
  };
}

async function dispose(service: RunningService): Promise<void> {
  await service.drain?.(0);
  await service[Symbol.asyncDispose]();
}

async function serviceContext(
  name: string,
  natsUrl: string,
  environment: Readonly<Record<string, string>>,
): Promise<StartContext<GatewayConfig>> {
  const messaging = await connectMessaging({
    name,
    servers: natsUrl,
    logger: createLogger(`${name}-messaging`),
  });
  const health = new Health({ cacheMs: 0 });
  health.addReadiness('nats', () => {
    if (!messaging.isConnected()) throw new Error('not connected to NATS');
  });
  return {
    name,
    config: {
      ...loadConfig(platformConfig, { NATS_URL: natsUrl }),
      ...loadConfig(gatewayConfig, environment),
    },
    messaging,
    health,
    logger: createLogger(name),
    stopping: new AbortController().signal,
  };
}
