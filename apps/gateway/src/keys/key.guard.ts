import { DomainError } from '@trivium/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Endpoint } from '../http/endpoint.js';
import { formatDuration, type LimitDecision, type RequestLimit } from './request-limit.js';
import { ADMIN_SCOPE, type VerifiedKey } from './verified-key.js';
import type { VerifyKey } from './verify-key.js';

type Done = (error?: Error) => void;
type Hook = (request: FastifyRequest, reply: FastifyReply, done: Done) => void;

/** Lets a request in before its body is read, so that strangers cannot make us read one. */
export class KeyGuard {
  constructor(
    private readonly verifyKey: VerifyKey,
    private readonly requestLimit: RequestLimit,
  ) {}

  hookFor({ access }: Endpoint): Hook[] {
    if (access === 'public') return [];
    return [
      (request, reply, done) => {
        this.#admit(request, reply, access === 'admin').then(() => done(), done);
      },
    ];
  }

  async #admit(request: FastifyRequest, reply: FastifyReply, admin: boolean): Promise<void> {
    const token = bearerToken(request.headers.authorization);
    const key = this.verifyKey.known(token) ?? (await this.verifyKey.execute(token, request.id));
    if (admin && !key.scopes.includes(ADMIN_SCOPE)) {
      throw new DomainError('permission_denied', `This key lacks the scope '${ADMIN_SCOPE}'.`);
    }
    request.verifiedKey = key;
    await this.#count(key, reply);
  }

  async #count(key: VerifiedKey, reply: FastifyReply): Promise<void> {
    const decision = await this.requestLimit.take(key.keyId);
    if (decision === undefined) return;
    reply.headers(limitHeaders(decision));
    if (decision.allowed) return;
    throw new DomainError(
      'rate_limit_exceeded',
      `This key may send ${decision.limit} requests per minute. Try again in ${formatDuration(decision.resetMs)}.`,
      { retryAfterMs: decision.resetMs },
    );
  }
}

function limitHeaders({ limit, remaining, resetMs }: LimitDecision): Record<string, string> {
  return {
    'x-ratelimit-limit-requests': String(limit),
    'x-ratelimit-remaining-requests': String(remaining),
    'x-ratelimit-reset-requests': formatDuration(resetMs),
  };
}

function bearerToken(header: string | undefined): string {
  const token = header?.match(/^Bearer +(\S+) *$/i)?.[1];
  if (token !== undefined) return token;
  throw new DomainError(
    'invalid_api_key',
    'You did not provide an API key. Send it as "Authorization: Bearer <key>".',
  );
}
