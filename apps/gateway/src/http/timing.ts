import type { FastifyRequest } from 'fastify';

/** Milliseconds since the request arrived, as `openai-processing-ms` says it. */
export function processingHeader(request: FastifyRequest): string {
  return String(Math.round(performance.now() - request.arrivedAt));
}
