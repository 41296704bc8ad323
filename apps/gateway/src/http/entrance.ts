import type {
  FastifyReply,
  FastifyRequest,
  HookHandlerDoneFunction,
  RequestPayload,
  RouteShorthandOptions,
} from 'fastify';
import type { KeyGuard } from '../keys/key.guard.js';
import type { Arrival } from './arrival.js';
import type { BodyIntake } from './body-intake.js';
import type { Endpoint } from './endpoint.js';
import { refuseIdempotencyKey } from './idempotency-key.js';

const WITHOUT_BODY: ReadonlySet<Endpoint['method']> = new Set(['GET', 'DELETE']);

/** All that happens to a request before its body is read, and the last word when it is over. */
export class Entrance {
  constructor(
    private readonly arrival: Arrival,
    private readonly guard: KeyGuard,
    private readonly intake: BodyIntake,
  ) {}

  hooksFor(endpoint: Endpoint): Pick<RouteShorthandOptions, 'onRequest' | 'preParsing' | 'onResponse'> {
    const { onRequest, onResponse } = this.arrival.hooksFor(endpoint);
    const entering = [onRequest, ...this.guard.hookFor(endpoint)];
    if (WITHOUT_BODY.has(endpoint.method)) return { onRequest: entering, onResponse };
    return {
      onRequest: [...entering, refuseIdempotencyKey, this.intake.admit],
      preParsing: [letGoOn, this.intake.bound],
      onResponse,
    };
  }
}

/** For clients that ask before they send; here they have been let in. */
function letGoOn(
  { headers }: FastifyRequest,
  { raw }: FastifyReply,
  _payload: RequestPayload,
  done: HookHandlerDoneFunction,
): void {
  if (headers.expect !== undefined && /^100-continue$/i.test(headers.expect)) raw.writeContinue();
  done();
}
