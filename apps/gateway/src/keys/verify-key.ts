import { timingSafeEqual } from 'node:crypto';
import { DomainError } from '@trivium/contracts';
import { verifyKey as verifyKeyCall } from '@trivium/contracts/session';
import type { Messaging } from '@trivium/messaging';
import { LRUCache } from 'lru-cache';
import { keyChecked } from '../events.js';
import { keyHash } from './key-hash.js';
import { ADMIN_SCOPE, type VerifiedKey } from './verified-key.js';

export interface VerifyKeyOptions {
  /** A key that needs nobody to vouch for it. */
  readonly localKey?: string | undefined;
  readonly freshMs: number;
  readonly staleMs: number;
}

/** A key as somebody sent it, and no longer in clear. */
export interface PresentedKey {
  readonly hash: string;
  readonly isLocal: boolean;
}

interface Known {
  readonly key: VerifiedKey;
  readonly verifiedAt: number;
}

const REFUSAL_MS = 5_000;
/** After a failed question the old answer stands for this long before the next question. */
const ASK_AGAIN_MS = 5_000;
const QUESTION_DEADLINE_MS = 2_000;
const MAX_KEYS = 10_000;

/**
 * Says whose key it is. A key once verified keeps working while the session service or its database is
 * away; an unknown one cannot.
 */
export class VerifyKey {
  readonly #local: { readonly hash: Buffer; readonly key: VerifiedKey } | undefined;
  readonly #known: LRUCache<string, Known, string>;
  readonly #refused = new LRUCache<string, true>({ max: MAX_KEYS, ttl: REFUSAL_MS });

  constructor(messaging: Messaging, options: VerifyKeyOptions) {
    if (options.localKey !== undefined) {
      const key = { keyId: 'environment', tenant: 'default', scopes: [ADMIN_SCOPE] };
      this.#local = { hash: Buffer.from(keyHash(options.localKey)), key };
    }
    this.#known = new LRUCache<string, Known, string>({
      max: MAX_KEYS,
      ttl: options.freshMs,
      noDeleteOnStaleGet: true,
      noDeleteOnFetchRejection: true,
      fetchMethod: async (hash, stale, { context, options: entry }) => {
        try {
          const { keyId, tenant, scopes } = await messaging.call(
            verifyKeyCall,
            { hash },
            { requestId: context, deadline: QUESTION_DEADLINE_MS },
          );
          return { key: { keyId, tenant, scopes }, verifiedAt: performance.now() };
        } catch (error) {
          if (stale === undefined || isRefusal(error)) throw error;
          if (performance.now() - stale.verifiedAt > options.staleMs) throw error;
          entry.ttl = ASK_AGAIN_MS;
          return stale;
        }
      },
    });
  }

  present(key: string): PresentedKey {
    const hash = keyHash(key);
    return {
      hash,
      isLocal: this.#local !== undefined && timingSafeEqual(this.#local.hash, Buffer.from(hash)),
    };
  }

  /** At once, when it can be said without asking anybody. */
  known({ hash, isLocal }: PresentedKey): VerifiedKey | undefined {
    return isLocal ? this.#local?.key : this.#known.get(hash)?.key;
  }

  async execute(presented: PresentedKey, requestId: string): Promise<VerifiedKey> {
    const known = this.known(presented);
    if (known !== undefined) return known;
    const { hash } = presented;
    if (this.#refused.has(hash)) throw refusal('cache');
    try {
      const found = await this.#known.forceFetch(hash, { context: requestId });
      const source = performance.now() - found.verifiedAt < QUESTION_DEADLINE_MS ? 'session' : 'stale';
      keyChecked({ outcome: 'accepted', source });
      return found.key;
    } catch (error) {
      if (isRefusal(error)) {
        this.#refused.set(hash, true);
        this.#known.delete(hash);
        throw refusal('session');
      }
      keyChecked({ outcome: 'unknown', source: 'session' });
      throw error;
    }
  }
}

function isRefusal(error: unknown): boolean {
  return DomainError.is(error) && error.code === 'invalid_api_key';
}

function refusal(source: 'cache' | 'session'): DomainError {
  keyChecked({ outcome: 'refused', source });
  return new DomainError('invalid_api_key', 'The API key is not valid. Check the Authorization header.');
}
