import { DomainError } from '@trivium/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Endpoint } from '../http/endpoint.js';
import { formatDuration, type LimitDecision, type RequestLimit } from './request-limit.js';
import { ADMIN_SCOPE, type VerifiedKey } from './verified-key.js';
import type { PresentedKey, VerifyKey } from './verify-key.js';

const RECENT_MS = 1_000;
const MOST_RECENT = 1_000;

type Done = (error?: Error) => void;
type Hook = (request: FastifyRequest, reply: FastifyReply, done: Done) => void;

export interface Admitted {
  readonly key: VerifiedKey;
  readonly decision: LimitDecision | undefined;
}

/** Lets a request in before its body is read, so that strangers cannot make us read one. */
export class KeyGuard {
  /**
   * What `Authorization` headers of known keys say, so that a busy client's key is hashed once a second
   * and not with every request. Whether the key still holds is asked each time.
   */
  readonly #recent = new LRUCache<string, PresentedKey>({
    max: MOST_RECENT,
    ttl: RECENT_MS,
    // A key in clear goes when its second is over, not when somebody next looks for it.
    ttlAutopurge: true,
  });

  constructor(
    private readonly verifyKey: VerifyKey,
    private readonly requestLimit: RequestLimit,
  ) {}

  hookFor({ access }: Endpoint): Hook[] {
    if (access === 'public') return [];
    const isAdmin = access === 'admin';
    return [
      (request, reply, done) => {
        this.#admit(request, reply, isAdmin).then(() => done(), done);
      },
    ];
  }

  async #admit(request: FastifyRequest, reply: FastifyReply, admin: boolean): Promise<void> {
    const { key, decision } = await this.admit(request.headers.authorization ?? '', request.id, admin);
    request.verifiedKey = key;
    if (decision === undefined) return;
    tell(decision, reply);
    if (!decision.allowed) throw tooManyRequests(decision);
  }

  /** Whose key an `Authorization` header holds, and what counting this request said; undefined without a limit. */
  async admit(header: string, requestId: string, admin: boolean): Promise<Admitted> {
    const recent = this.#recent.get(header);
    const presented = recent ?? this.#presented(header);
    const known = this.verifyKey.known(presented);
    // Those of strangers are not kept.
    if (known !== undefined && recent === undefined) this.#recent.set(header, presented);
    const key = known ?? (await this.verifyKey.execute(presented, requestId));
    if (admin && !key.scopes.includes(ADMIN_SCOPE)) {
      throw new DomainError('permission_denied', `This key lacks the scope '${ADMIN_SCOPE}'.`);
    }
    return { key, decision: await this.requestLimit.take(key.keyId) };
  }

  #presented(header: string): PresentedKey {
    const token = /^Bearer +(\S+) *$/i.exec(header)?.[1];
    if (token !== undefined) return this.verifyKey.present(token);
    throw new DomainError(
      'invalid_api_key',
      'You did not provide an API key. Send it as "Authorization: Bearer <key>".',
    );
  }
}

function tell({ limit, remaining, resetMs }: LimitDecision, reply: FastifyReply): void {
  reply
    .header('x-ratelimit-limit-requests', limit)
    .header('x-ratelimit-remaining-requests', remaining)
    .header('x-ratelimit-reset-requests', formatDuration(resetMs));
}

export function tooManyRequests({ limit, resetMs }: LimitDecision): DomainError {
  return new DomainError(
    'rate_limit_exceeded',
    `This key may send ${limit} requests per minute. Try again in ${formatDuration(resetMs)}.`,
    { retryAfterMs: resetMs },
  );
}
