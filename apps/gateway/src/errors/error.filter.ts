import { type ArgumentsHost, Catch, type ExceptionFilter, Inject } from '@nestjs/common';
import { LOGGER } from '@trivium/platform';
import type { Logger } from '@trivium/telemetry';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '@trivium/contracts';
import { answerFailure } from './answer-failure.js';
import { toFailure } from './failure.js';

/** The one place where something thrown becomes an answer. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const failure = toFailure(thrown, request.id);
    this.#log(thrown, request, failure.status);
    if (reply.sent || reply.raw.headersSent || reply.raw.destroyed) return;
    answerFailure(failure, request, reply);
  }

  /** What was expected to happen now and then is told in a line; what was not, with its stack. */
  #log(thrown: unknown, request: FastifyRequest, status: number): void {
    const expected = DomainError.is(thrown) && thrown.code !== 'internal';
    if (expected && thrown.code === 'cancelled') return;
    const fields = { requestId: request.id, route: request.routeOptions.url, status };
    if (status < 500) this.logger.debug({ ...fields, err: thrown }, 'request.refused');
    else if (expected)
      this.logger.warn({ ...fields, code: thrown.code, reason: thrown.message }, 'request.failed');
    else this.logger.error({ ...fields, err: thrown }, 'request.failed');
  }
}
