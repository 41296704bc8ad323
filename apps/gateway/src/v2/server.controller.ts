import { Controller, Inject } from '@nestjs/common';
import { InferenceError, ServerMetadata } from '@trivium/contracts/open-inference';
import { HEALTH, type Health } from '@trivium/platform';
import { z } from 'zod';
import { type AnswerOf, endpoint } from '../http/endpoint.js';
import { PlainAnswer } from '../http/plain-answer.js';
import { Serves } from '../http/serves.js';
import { SERVER } from './server-identity.js';

const State = z.strictObject({ live: z.boolean().optional(), ready: z.boolean().optional() });
const probe = { tag: 'Operations', access: 'public', method: 'GET', reply: State } as const;

export const openInferenceLive = endpoint({
  ...probe,
  operationId: 'openInferenceLive',
  path: '/v2/health/live',
  summary: 'The process works',
  alsoAnswers: { 503: 'it does not' },
});

export const openInferenceReady = endpoint({
  ...probe,
  operationId: 'openInferenceReady',
  path: '/v2/health/ready',
  summary: 'Requests can be answered',
  alsoAnswers: { 503: 'not at the moment' },
});

export const serverMetadata = endpoint({
  operationId: 'serverMetadata',
  method: 'GET',
  path: '/v2',
  tag: 'Open Inference Protocol',
  summary: 'Name, version and extensions of the server',
  access: 'key',
  reply: ServerMetadata,
  failure: InferenceError,
});

@Controller()
export class ServerController {
  constructor(@Inject(HEALTH) private readonly health: Health) {}

  @Serves(openInferenceLive)
  live(): PlainAnswer {
    const live = this.health.wedged === undefined;
    return PlainAnswer.json(live ? 200 : 503, { live });
  }

  @Serves(openInferenceReady)
  async ready(): Promise<PlainAnswer> {
    const { ready } = await this.health.readiness();
    return PlainAnswer.json(ready ? 200 : 503, { ready });
  }

  @Serves(serverMetadata)
  metadata(): AnswerOf<typeof serverMetadata> {
    return { ...SERVER, extensions: [...SERVER.extensions] };
  }
}
