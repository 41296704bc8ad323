import 'reflect-metadata';
import { type DynamicModule, type INestMicroservice, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { call, event, stream } from '@trivium/contracts';
import { Binary } from '@trivium/contracts/content';
import { z } from 'zod';
import { connectMessaging, type Messaging, type MessagingLogger, MessagingTransport } from '../src/index.js';

export const echo = call({
  subject: 'test-service.echo-text.v1',
  request: z.object({ text: z.string().min(1), times: z.int().default(1) }),
  reply: z.object({ text: z.string(), by: z.string() }),
  errors: ['conflict', 'invalid_request'],
});

/** Takes as long as the test wants. */
export const work = call({
  subject: 'test-service.do-work.v1',
  request: z.object({ name: z.string() }),
  reply: z.object({ name: z.string() }),
  errors: [],
});

export const transfer = call({
  subject: 'test-service.transfer-bytes.v1',
  request: z.object({
    image: Binary,
    nested: z.array(z.object({ bytes: z.instanceof(Uint8Array) })).optional(),
  }),
  reply: z.object({ image: Binary, sha256: z.string() }),
  errors: [],
});

export const count = stream({
  subject: 'test-service.count-up.v1',
  request: z.object({ to: z.int(), padding: z.int().default(0) }),
  part: z.object({ n: z.int(), padding: z.string().optional() }),
  errors: ['conflict'],
});

export const happened = event({
  subject: 'test-service.something-happened.v1',
  payload: z.object({ n: z.int() }),
});

/** A promise and the means to settle it. */
export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

export function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

export interface Entry {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Record<string, unknown>;
}

/** Keeps what is logged, and tells when something is. */
export function recordingLogger(): MessagingLogger & {
  entries: Entry[];
  logged(message: string): Promise<Entry>;
} {
  const entries: Entry[] = [];
  const waiting: { message: string; resolve: (entry: Entry) => void }[] = [];
  const write = (level: Entry['level']) => (fields: object, message: string) => {
    const entry: Entry = { level, message, fields: fields as Record<string, unknown> };
    entries.push(entry);
    for (const waiter of waiting.filter((candidate) => candidate.message === message)) waiter.resolve(entry);
  };
  return {
    entries,
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    logged(message) {
      const found = entries.find((entry) => entry.message === message);
      if (found !== undefined) return Promise.resolve(found);
      return new Promise((resolve) => waiting.push({ message, resolve }));
    },
  };
}

@Module({})
class HandlersModule {
  static of(...controllers: Type[]): DynamicModule {
    return { module: HandlersModule, controllers };
  }
}

export interface Replica extends AsyncDisposable {
  readonly messaging: Messaging;
  readonly app: INestMicroservice;
  readonly logger: ReturnType<typeof recordingLogger>;
}

/** A service with these handlers on its own connection. */
export async function startReplica(
  servers: string,
  controllers: readonly Type[],
  options: { drainTimeoutMs?: number } = {},
): Promise<Replica> {
  const logger = recordingLogger();
  const messaging = await connectMessaging({ name: 'test-service', servers, logger });
  const app = await NestFactory.createMicroservice(HandlersModule.of(...controllers), {
    strategy: new MessagingTransport(messaging, options),
    logger: ['error', 'warn'],
  });
  await app.listen();
  return {
    messaging,
    app,
    logger,
    [Symbol.asyncDispose]: async () => {
      await app.close();
      await messaging[Symbol.asyncDispose]();
    },
  };
}

export async function connectCaller(servers: string, logger = recordingLogger()): Promise<Messaging> {
  return connectMessaging({ name: 'test-caller', servers, logger });
}

/** The error that the promise rejects with; fails when it resolves. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`Expected a rejection, got ${JSON.stringify(value)}`);
}

/** Resolves as soon as the condition holds; for states that no event announces. */
export async function until(condition: () => boolean, timeoutMs = 5_000): Promise<void> {
  const giveUpAt = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > giveUpAt) throw new Error('The condition did not come true in time.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
