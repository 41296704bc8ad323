import { DomainError } from '@trivium/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Hook `onRequest` of what changes something: who sends this header relies on a promise that nobody keeps here. */
export function refuseIdempotencyKey(
  { headers }: FastifyRequest,
  _reply: FastifyReply,
  done: (refusal?: Error) => void,
): void {
  done(headers['idempotency-key'] === undefined ? undefined : unsupported());
}

function unsupported(): DomainError {
  const param = 'Idempotency-Key';
  return new DomainError(
    'unsupported_parameter',
    `'${param}' is not supported: a request that is sent twice is done twice. Before you repeat one, see whether it was done: list the items of the conversation, or the files.`,
    { param },
  );
}
