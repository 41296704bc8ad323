import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { MESSAGING, MessagingTransport } from '@trivium/messaging';
import { NestLogger } from './nest-logger.js';
import type { RunningService, StartContext } from './running-service.js';
import { HEALTH, LOGGER } from './tokens.js';

/** Carries what every service may inject: `MESSAGING`, `LOGGER`, `HEALTH`. */
@Module({})
export class PlatformModule {
  static for(context: StartContext): DynamicModule {
    return {
      module: PlatformModule,
      global: true,
      providers: [
        { provide: MESSAGING, useValue: context.messaging },
        { provide: LOGGER, useValue: context.logger },
        { provide: HEALTH, useValue: context.health },
      ],
      exports: [MESSAGING, LOGGER, HEALTH],
    };
  }
}

@Module({})
class RootModule {}

/**
 * Serves the handlers of a module over messaging. Signals stay with `runService`; Nest's shutdown
 * hooks are off, its lifecycle methods (`onModuleDestroy` and so on) run on disposal.
 */
export async function startMicroservice(
  module: DynamicModule | Type,
  context: StartContext,
): Promise<RunningService> {
  const transport = new MessagingTransport(context.messaging, {
    drainTimeoutMs: context.config.DRAIN_TIMEOUT_MS,
  });
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(
    { module: RootModule, imports: [PlatformModule.for(context), module] },
    { strategy: transport, logger: new NestLogger(context.logger), abortOnError: false },
  );
  await app.listen();
  return {
    drain: async () => transport.close(),
    [Symbol.asyncDispose]: async () => app.close(),
  };
}
