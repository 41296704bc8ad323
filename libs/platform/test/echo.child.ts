import { once } from 'node:events';
import { Controller, Inject, Module } from '@nestjs/common';
import type { ParsedRequestOf, ReplyOf } from '@trivium/contracts';
import { AnswersCall, type Messaging, MESSAGING } from '@trivium/messaging';
import { LOGGER, runService, startMicroservice } from '../dist/index.js';
import type { Logger } from '@trivium/telemetry';
import { z } from 'zod';
import { sayBack } from './echo.contract.ts';

/** Decorators are applied by hand: the file runs as it is, and Node strips types but no decorators. */
class EchoHandler {
  readonly #logger: Logger;

  constructor(messaging: Messaging, logger: Logger) {
    if (!messaging.isConnected()) throw new Error('handlers must start with a connection');
    this.#logger = logger;
  }

  async sayBack(request: ParsedRequestOf<typeof sayBack>): Promise<ReplyOf<typeof sayBack>> {
    this.#logger.info({ held: request.hold }, 'echo');
    if (request.hold) {
      process.send?.('holding');
      await once(process, 'message');
    }
    return { text: request.text, pid: process.pid };
  }

  onModuleDestroy(): void {
    this.#logger.info('echo destroyed');
  }
}
Inject(MESSAGING)(EchoHandler, undefined, 0);
Inject(LOGGER)(EchoHandler, undefined, 1);
Controller()(EchoHandler);
AnswersCall(sayBack)(
  EchoHandler.prototype,
  'sayBack',
  Object.getOwnPropertyDescriptor(EchoHandler.prototype, 'sayBack') as TypedPropertyDescriptor<
    EchoHandler['sayBack']
  >,
);

class EchoModule {}
Module({ controllers: [EchoHandler] })(EchoModule);

const echoConfig = z.object({
  ECHO_MODE: z
    .enum(['normal', 'fails', 'rejects', 'lingers'])
    .default('normal')
    .describe('how the service behaves'),
  ECHO_SECRET: z.string().min(12).optional().describe('never shown').meta({ secret: true }),
});

await runService({
  name: 'echo',
  config: echoConfig,
  async start(context) {
    if (context.config.ECHO_MODE === 'fails') throw new Error('no paper');
    if (context.config.ECHO_MODE === 'lingers') setInterval(() => undefined, 1_000);
    if (context.config.ECHO_MODE === 'rejects') {
      process.once('SIGUSR2', () => void Promise.reject(new Error('nobody caught this')));
    }
    return startMicroservice(EchoModule, context);
  },
});
