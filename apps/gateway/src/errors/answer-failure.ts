import type { FastifyReply, FastifyRequest } from 'fastify';
import { processingHeader } from '../http/timing.js';
import { answerBeforeBody, hasUnreadBody } from '../http/unread-body.js';
import { openInferenceError, speaksOpenInference } from '../v2/open-inference-error.js';
import type { Failure } from './failure.js';

/** Says what failed, so that it reaches even a client that is still sending. */
export function answerFailure(failure: Failure, request: FastifyRequest, reply: FastifyReply): void {
  reply
    .code(failure.status)
    .headers({ ...failure.headers, 'openai-processing-ms': processingHeader(request) })
    .header('content-type', 'application/json; charset=utf-8');
  // Fastify asks for it after a body that it could not parse; HTTP/2 knows no such header.
  if (request.raw.httpVersionMajor >= 2) reply.removeHeader('connection');
  const body = speaksOpenInference(request.url) ? openInferenceError(failure) : failure.body;
  if (hasUnreadBody(request)) answerBeforeBody(JSON.stringify(body), request, reply);
  else void reply.send(body);
}
