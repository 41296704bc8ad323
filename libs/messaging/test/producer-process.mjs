// Answers a stream in a process of its own, so that a test can end that process without warning.
// usage: node producer-process.mjs <servers> <subject>
// It yields what is asked for, then goes on without yielding and without ending.
import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { stream } from '@trivium/contracts';
import { AnswersStream, connectMessaging, MessagingTransport } from '../dist/index.js';
import { z } from 'zod';

const [, , servers, subject] = process.argv;
const contract = stream({ subject, request: z.any(), part: z.any(), errors: [] });

class Handlers {
  async *count({ to }) {
    for (let n = 1; n <= to; n++) yield { n };
    await new Promise(() => undefined);
  }
}
AnswersStream(contract)(
  Handlers.prototype,
  'count',
  Object.getOwnPropertyDescriptor(Handlers.prototype, 'count'),
);
Controller()(Handlers);
class HandlersModule {}
Module({ controllers: [Handlers] })(HandlersModule);

const messaging = await connectMessaging({ name: 'producer', servers });
const app = await NestFactory.createMicroservice(HandlersModule, {
  strategy: new MessagingTransport(messaging),
  logger: false,
});
await app.listen();
process.send('ready');
