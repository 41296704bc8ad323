import { Transform } from 'node:stream';
import { DomainError } from '@trivium/contracts';
import type { FastifyReply, FastifyRequest, RequestPayload } from 'fastify';
import { formatBytes } from './byte-size.js';

/** What a form may hold beside its file: field values, heads of parts, boundaries. */
const FORM_ALLOWANCE_BYTES = 2 * 1024 * 1024;

/** How large a body may be: known from its head it is refused unread, otherwise as soon as it is too large. */
export class BodyLimits {
  constructor(
    private readonly jsonBytes: number,
    private readonly fileBytes: number,
  ) {}

  /** Hook `onRequest`. */
  readonly admit = (request: FastifyRequest, _reply: FastifyReply, done: (refusal?: Error) => void): void => {
    const length = Number(request.headers['content-length'] ?? 0);
    if (isForm(request)) {
      done(length > this.fileBytes + FORM_ALLOWANCE_BYTES ? fileTooLarge(this.fileBytes) : undefined);
    } else done(length > this.jsonBytes ? bodyTooLarge(this.jsonBytes) : undefined);
  };

  /** Hook `preParsing`. */
  readonly bound = (
    request: FastifyRequest,
    _reply: FastifyReply,
    payload: RequestPayload,
    done: (error: null, payload: RequestPayload) => void,
  ): void => {
    const isBounded = request.headers['content-length'] !== undefined || isForm(request);
    done(null, isBounded ? payload : this.#counted(payload));
  };

  #counted(payload: RequestPayload): RequestPayload {
    const limit = this.jsonBytes;
    let received = 0;
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        received += chunk.byteLength;
        if (received > limit) done(bodyTooLarge(limit));
        else done(null, chunk);
      },
    });
    payload.once('close', () => {
      if (!counted.writableEnded) counted.destroy(new Error('The client left while it sent.'));
    });
    payload.on('error', (error) => counted.destroy(error));
    return payload.pipe(counted);
  }
}

function isForm({ headers }: FastifyRequest): boolean {
  return /^multipart\/form-data/i.test(headers['content-type'] ?? '');
}

function bodyTooLarge(limit: number): DomainError {
  return new DomainError(
    'payload_too_large',
    `The body is larger than ${formatBytes(limit)}. Upload large files to /v1/files and send their ids.`,
  );
}

export function fileTooLarge(limit: number): DomainError {
  return new DomainError('payload_too_large', `The file is larger than ${formatBytes(limit)}.`, {
    param: 'file',
  });
}
