import { DomainError } from '@trivium/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { VerifiedKey } from '../keys/verified-key.js';
import { leftWhole } from './protocol.js';
import { clientLeft, Exchange, shuttingDown } from './exchange.js';

export interface TimeLimits {
  readonly defaultMs: number;
  readonly mostMs: number;
}

const TIMEOUT_HEADER = 'x-request-timeout-ms';

/** All requests being answered, so that a stop can wait for them. */
export class OpenExchanges {
  readonly #open = new Set<Exchange>();
  readonly #limits: TimeLimits;
  #emptied: (() => void) | undefined;
  #draining = false;

  constructor(limits: TimeLimits) {
    this.#limits = limits;
  }

  /** From here on connections are not kept for another request. */
  get draining(): boolean {
    return this.#draining;
  }

  open(request: FastifyRequest, reply: FastifyReply, key: VerifiedKey): Exchange {
    const asked = timeoutAsked(request.headers[TIMEOUT_HEADER], this.#limits.mostMs);
    const exchange = new Exchange(request.id, key, asked ?? this.#limits.defaultMs, asked !== undefined);
    this.#open.add(exchange);
    // The response's own event: a request closes as soon as its body was read.
    reply.raw.once('close', () => {
      if (!leftWhole(reply.raw)) exchange.stop(clientLeft());
      this.#open.delete(exchange);
      exchange.end();
      if (this.#open.size === 0) this.#emptied?.();
    });
    return exchange;
  }

  /** Waits for what is open; what is still open after `timeoutMs` fails with an error worth a retry. */
  async drain(timeoutMs: number): Promise<void> {
    this.#draining = true;
    await this.#empty(timeoutMs);
    for (const exchange of this.#open) exchange.stop(shuttingDown());
    await this.#empty(LAST_WORDS_MS);
  }

  async #empty(timeoutMs: number): Promise<void> {
    if (this.#open.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    this.#emptied = resolve;
    await promise;
    clearTimeout(timer);
  }
}

/** Enough for the error events of stopped streams to leave. */
const LAST_WORDS_MS = 500;

function timeoutAsked(header: string | string[] | undefined, most: number): number | undefined {
  if (header === undefined) return undefined;
  const asked = Number(header);
  if (Number.isInteger(asked) && asked > 0) return Math.min(asked, most);
  throw new DomainError(
    'invalid_request',
    'X-Request-Timeout-Ms: expected a positive number of milliseconds.',
    {
      param: 'X-Request-Timeout-Ms',
    },
  );
}
