import { Transform } from 'node:stream';
import type { MultipartFile } from '@fastify/multipart';
import { DomainError } from '@trivium/contracts';
import type { FastifyReply, FastifyRequest, RequestPayload } from 'fastify';
import type { BodyBudget, HeldBytes } from './body-budget.js';
import { formatBytes } from './byte-size.js';

export interface BodyLimits {
  readonly jsonBytes: number;
  readonly fileBytes: number;
  /** Of a whole form: its file, field values, heads of parts and boundaries. */
  readonly formBytes: number;
}

/**
 * Decides which bodies are read: not those that are too large, and not more at one time than the
 * budget allows. What the head of a request tells is judged before anything is read, the rest as it comes.
 */
export class BodyIntake {
  constructor(
    private readonly limits: BodyLimits,
    private readonly budget: BodyBudget,
  ) {}

  /** Hook `onRequest`. */
  readonly admit = (
    request: FastifyRequest,
    reply: FastifyReply,
    done: (refusal?: DomainError) => void,
  ): void => {
    const length = declaredLength(request) ?? 0;
    const tooLarge = this.#tooLarge(request, length);
    if (tooLarge !== undefined) return done(tooLarge);
    const held = this.budget.open();
    request.heldBytes = held;
    reply.raw.once('close', held.release);
    done(held.hold(length));
  };

  /** Hook `preParsing`. */
  readonly bound = (
    request: FastifyRequest,
    _reply: FastifyReply,
    payload: RequestPayload,
    done: (error: null, payload: RequestPayload) => void,
  ): void => {
    const isBounded = declaredLength(request) !== undefined || isForm(request);
    done(null, isBounded ? payload : this.#counted(payload, request.heldBytes));
  };

  /** The bytes of a file in a form. Stops at the limit, where the parser would read on what it no longer keeps. */
  collect(file: MultipartFile['file'], request: FastifyRequest): Promise<Buffer> {
    const { fileBytes } = this.limits;
    if (file.truncated) return Promise.reject(fileTooLarge(fileBytes));
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const hold = declaredLength(request) === undefined ? request.heldBytes?.hold : undefined;
    const chunks: Buffer[] = [];
    file.on('limit', () => reject(fileTooLarge(fileBytes)));
    file.on('data', (chunk: Buffer) => {
      const refusal = hold?.(chunk.byteLength);
      if (refusal === undefined) chunks.push(chunk);
      else reject(refusal);
    });
    file.on('end', () => resolve(Buffer.concat(chunks)));
    file.on('error', reject);
    return promise;
  }

  get formLimits(): { readonly fileSize: number } & Readonly<Record<string, number>> {
    return { fileSize: this.limits.fileBytes, files: 1, fields: 16, fieldSize: 64 * 1024, parts: 17 };
  }

  #tooLarge(request: FastifyRequest, length: number): DomainError | undefined {
    const { jsonBytes, fileBytes, formBytes } = this.limits;
    if (isForm(request)) return length > formBytes ? fileTooLarge(fileBytes) : undefined;
    return length > jsonBytes ? bodyTooLarge(jsonBytes) : undefined;
  }

  #counted(payload: RequestPayload, held: HeldBytes | undefined): RequestPayload {
    const limit = this.limits.jsonBytes;
    let received = 0;
    const counted = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        received += chunk.byteLength;
        const refusal = received > limit ? bodyTooLarge(limit) : held?.hold(chunk.byteLength);
        if (refusal === undefined) done(null, chunk);
        else done(refusal);
      },
    });
    payload.once('close', () => {
      if (!counted.writableEnded) counted.destroy(new Error('The client left while it sent.'));
    });
    payload.on('error', (error) => counted.destroy(error));
    return payload.pipe(counted);
  }
}

function declaredLength({ headers }: FastifyRequest): number | undefined {
  const length = headers['content-length'];
  return length === undefined ? undefined : Number(length);
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

function fileTooLarge(limit: number): DomainError {
  return new DomainError('payload_too_large', `The file is larger than ${formatBytes(limit)}.`, {
    param: 'file',
  });
}
