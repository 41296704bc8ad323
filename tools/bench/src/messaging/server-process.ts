import 'reflect-metadata';
import { Controller, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload, Transport } from '@nestjs/microservices';
import { connect } from '@nats-io/transport-node';
import type { ParsedRequestOf, PartOf, ReplyOf } from '@trivium/contracts';
import { AnswersCall, AnswersStream, connectMessaging, MessagingTransport } from '@trivium/messaging';
import { Observable } from 'rxjs';
import { BARE_SUBJECT, count, echo, NEST_COUNT, NEST_ECHO, PART } from './contracts.js';

/** One contender's server in a process of its own: `node server-process.js <contender> <servers>`. */
export type ServerName = 'trivium' | 'bare' | 'nest';

@Controller()
class TriviumHandlers {
  @AnswersCall(echo, { concurrency: 256 })
  async echo(request: ParsedRequestOf<typeof echo>): Promise<ReplyOf<typeof echo>> {
    return request;
  }

  @AnswersStream(count)
  async *count({ parts }: ParsedRequestOf<typeof count>): AsyncIterable<PartOf<typeof count>> {
    for (let n = 0; n < parts; n++) yield PART;
  }
}

@Controller()
class NestHandlers {
  @MessagePattern(NEST_ECHO)
  async echo(@Payload() request: unknown): Promise<unknown> {
    return request;
  }

  @MessagePattern(NEST_COUNT)
  count(@Payload() { parts }: { parts: number }): Observable<unknown> {
    return new Observable((subscriber) => {
      for (let n = 0; n < parts && !subscriber.closed; n++) subscriber.next(PART);
      subscriber.complete();
    });
  }
}

function moduleOf(controller: Type): Type {
  @Module({ controllers: [controller] })
  class HandlersModule {}
  return HandlersModule;
}

const STARTS: Readonly<Record<ServerName, (servers: string) => Promise<unknown>>> = {
  trivium: async (servers) => {
    const messaging = await connectMessaging({ name: 'bench', servers });
    const strategy = new MessagingTransport(messaging);
    const app = await NestFactory.createMicroservice(moduleOf(TriviumHandlers), { strategy, logger: false });
    return app.listen();
  },
  bare: async (servers) => {
    const connection = await connect({ servers });
    connection.subscribe(BARE_SUBJECT, {
      queue: 'bench',
      callback: (_error, message) => void message.respond(message.data),
    });
    await connection.flush();
  },
  nest: async (servers) => {
    const app = await NestFactory.createMicroservice(moduleOf(NestHandlers), {
      transport: Transport.NATS,
      options: { servers: [servers], queue: 'bench' },
      logger: false,
    });
    return app.listen();
  },
};

const [, , name, servers] = process.argv;
await STARTS[name as ServerName](servers ?? '');
process.send?.('ready');
